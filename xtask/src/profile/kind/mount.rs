//! What the nodes see of this machine.

use std::path::{Component, Path, PathBuf};

use serde::Serialize;

use crate::profile::section::{Item, Raw, Section};

/// Where Docker's socket is, or a link to it: no folder above is mounted.
const DOCKER_SOCKETS: [&str; 2] = ["/run/docker.sock", "/var/run/docker.sock"];
/// What the program mounts itself, and what a node cannot be without: nothing
/// is mounted there, above or below.
const TAKEN: [&str; 6] = [
    "/etc/xtask",
    "/etc/containerd/certs.d",
    "/etc/kubernetes",
    "/var/lib/kubelet/config.json",
    "/kind",
    "/lib/modules",
];

/// A folder or file of this machine that the nodes see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mount {
    /// Where it is here.
    pub host: PathBuf,
    /// Where it is there; absolute.
    pub container: String,
    /// Whether the nodes cannot change it.
    pub read_only: bool,
}

/// Reads the tables; two for one place in the nodes are noted.
pub(super) fn read(tables: Vec<Raw<'_, '_>>) -> Vec<Mount> {
    let mut mounts: Vec<Mount> = Vec::new();
    for table in tables {
        let at = table.at.clone();
        let Some(mount) = table.section().and_then(Mount::read) else { continue };
        // As paths, so that `/a/` and `/a` are one.
        if mounts.iter().any(|other| Path::new(&other.container) == Path::new(&mount.container)) {
            at.report(format!("`{}` has two tables", mount.container));
        }
        mounts.push(mount);
    }
    mounts
}

impl Mount {
    fn read(mut section: Section<'_, '_>) -> Option<Self> {
        let host = section.required("host").and_then(|item| item.text()?.read(read_host));
        let container = section.required("container").and_then(|item| item.text()?.read(read_container));
        let read_only = section.optional("read_only").map(Item::flag);
        section.finish();
        Some(Self {
            host: host?.value,
            container: container?.value,
            read_only: read_only.unwrap_or(Some(true))?,
        })
    }
}

fn read_host(text: &String) -> Result<PathBuf, String> {
    let path = Path::new(text);
    let climbs = path.components().any(|component| component == Component::ParentDir);
    if text.is_empty() || text.contains(':') || text.contains(char::is_control) || climbs {
        return Err(format!("`{}` is not a path that Docker can mount", text.escape_debug()));
    }
    let is_socket = path.file_name().is_some_and(|name| name == "docker.sock");
    if is_socket || DOCKER_SOCKETS.iter().any(|socket| Path::new(socket).starts_with(path)) {
        return Err("who has Docker's socket has this machine: a node never gets it".to_owned());
    }
    Ok(path.to_owned())
}

fn read_container(text: &String) -> Result<String, String> {
    let path = Path::new(text);
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    let climbs = path.components().any(|component| component == Component::ParentDir);
    if !text.starts_with('/') || !text.bytes().all(allowed) || climbs {
        return Err(format!("`{text}` is not an absolute path, such as `/data`"));
    }
    match TAKEN.iter().find(|taken| path.starts_with(taken) || Path::new(taken).starts_with(path)) {
        Some(taken) => Err(format!("`{text}` is taken: the nodes need what is at `{taken}`")),
        None => Ok(text.clone()),
    }
}
