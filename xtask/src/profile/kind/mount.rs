//! What the nodes see of this machine.

use std::path::PathBuf;

use serde::Serialize;

use crate::profile::section::{Item, Section};

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

impl Mount {
    pub(super) fn read(mut section: Section<'_, '_>) -> Option<Self> {
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
    if text.is_empty() || text.contains(':') {
        return Err(format!("`{text}` is not a path that Docker can mount"));
    }
    if text.ends_with("docker.sock") {
        return Err("who has Docker's socket has this machine: a node never gets it".to_owned());
    }
    Ok(PathBuf::from(text))
}

fn read_container(text: &String) -> Result<String, String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    if text.starts_with('/') && text.len() > 1 && text.bytes().all(allowed) {
        Ok(text.clone())
    } else {
        Err(format!("`{text}` is not an absolute path, such as `/data`"))
    }
}
