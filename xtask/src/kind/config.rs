//! What kind is given, and what the nodes see of this machine.

use std::path::Path;

use super::credentials;
use super::difference;
use super::folder::{AUDIT_POLICY, CERTS, Folder, MOUNT, audit_policy};
use crate::context::Context;
use crate::failure::Failure;
use crate::profile::KindProfile;
use crate::profile::kind::expand;
use crate::render::{self, Names, NodeMount};
use crate::state::{digest, id_of};

/// Where containerd looks for mirrors, since kind's images of 2023.
pub(super) const CONTAINERD_CERTS: &str = "/etc/containerd/certs.d";
/// Where kubelet looks for credentials.
pub(super) const KUBELET_CREDENTIALS: &str = "/var/lib/kubelet/config.json";
/// Longest name of a node: it is a host's, and a label's value.
const MAX_NODE: usize = 63;

/// What kind is given. Nothing of it can change without a new cluster.
#[derive(Clone, Debug)]
pub struct Config {
    /// Name of the cluster.
    pub cluster: String,
    /// kind's configuration.
    pub yaml: String,
    /// Tells what [`Self::yaml`] says, and the audit policy, from others, its
    /// comments aside; 16 hexadecimal digits.
    pub digest: String,
}

impl Config {
    /// That of the profile. Nothing of this machine is read.
    pub fn of(cx: &Context) -> anyhow::Result<Self> {
        let profile = cx.profile()?;
        let kind = profile.kind()?;
        let workspace = id_of(cx.root());
        let cluster = render::project(&profile.name, workspace);
        check_name(&cluster, &profile.name)?;
        let names =
            Names { cluster: &cluster, workspace: &format!("{workspace:016x}"), profile: &profile.name };
        let yaml = render::kind(names, kind, &mounts(cx, kind)?, &format!("{MOUNT}/{AUDIT_POLICY}"))?;
        let policy = if kind.audit { audit_policy() } else { "" };
        let content = format!("{}{policy}", difference::read(&yaml)?);
        Ok(Self { cluster, yaml, digest: format!("{:016x}", digest(content.as_bytes())) })
    }
}

fn check_name(cluster: &str, profile: &str) -> Result<(), Failure> {
    let is_name =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
    let longest = cluster.len() + "-control-plane".len();
    if cluster.bytes().all(is_name) && longest <= MAX_NODE {
        return Ok(());
    }
    let most = profile.len().saturating_sub(longest.saturating_sub(MAX_NODE));
    Err(Failure::usage(format!("a node cannot be named after the profile `{profile}`"))
        .help(format!("give its file a name of at most {most} of a to z, 0 to 9, `-` and `.`")))
}

/// Ours, then those of the profile.
fn mounts(cx: &Context, kind: &KindProfile) -> anyhow::Result<Vec<NodeMount>> {
    let folder = Folder::of(cx);
    let mount = |host: &Path, container: &str, read_only| -> anyhow::Result<NodeMount> {
        Ok(NodeMount { host: mountable(host)?, container: container.to_owned(), read_only })
    };
    let mut mounts = vec![
        mount(folder.path(), MOUNT, true)?,
        // Always there, so that mirrors can change as the cluster runs.
        mount(&folder.path().join(CERTS), CONTAINERD_CERTS, true)?,
    ];
    if kind.docker_config.is_some() {
        mounts.push(mount(&folder.path().join(credentials::FILE), KUBELET_CREDENTIALS, true)?);
    }
    for own in &kind.mounts {
        let host = expand(&own.host, cx.root(), cx.environment.home.as_deref());
        mounts.push(mount(&host, &own.container, own.read_only)?);
    }
    Ok(mounts)
}

/// kind hands it to `docker run --volume`, which splits at the colons.
fn mountable(path: &Path) -> Result<String, Failure> {
    let text = path.to_str().filter(|text| !text.contains(':') && path.is_absolute());
    text.map(str::to_owned).ok_or_else(|| {
        Failure::missing(format!("Docker cannot mount `{}` into a node", path.display()))
            .help("move it to where no folder has a `:` in its name, nor anything that is not UTF-8")
    })
}
