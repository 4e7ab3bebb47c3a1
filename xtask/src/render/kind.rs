//! What kind's template is told.

#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use anyhow::Context as _;
use handlebars::Handlebars;
use serde::Serialize;
use serde_json::json;

use crate::profile::KindProfile;

const TEMPLATE: &str = include_str!("../../../templates/kind.template");

/// Whose cluster it is.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// Of the cluster.
    pub cluster: &'a str,
    /// The id of the workspace, 16 hexadecimal digits.
    pub workspace: &'a str,
    /// Of the profile.
    pub profile: &'a str,
}

/// What a node sees of this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NodeMount {
    /// Where it is here; absolute.
    pub host: String,
    /// Where it is there; absolute.
    pub container: String,
    /// Whether the nodes cannot change it.
    pub read_only: bool,
}

/// kind's configuration. `audit_policy` is a path in the node.
pub fn kind(
    names: Names<'_>,
    kind: &KindProfile,
    mounts: &[NodeMount],
    audit_policy: &str,
) -> anyhow::Result<String> {
    let workers = std::iter::repeat_n("worker", kind.workers.into());
    let data = json!({
        "cluster": names.cluster,
        "workspace": names.workspace,
        "profile": names.profile,
        "ip_family": kind.ip_family,
        "address": kind.api_server.ip(),
        "port": kind.api_server.port(),
        "roles": std::iter::once("control-plane").chain(workers).collect::<Vec<_>>(),
        "image": kind.node_image,
        "mounts": mounts,
        "quota": u64::from(kind.etcd.quota_mib) << 20,
        "compaction": format!("{}s", kind.etcd.compaction.as_secs()),
        "audit": kind.audit.then(|| json!({ "policy": audit_policy })),
        "max_pods": kind.max_pods,
    });
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    // Paths can hold anything; in the template, all text stands in double quotes.
    registry.register_escape_fn(quoted);
    registry.render_template(TEMPLATE, &data).context("cannot fill in `templates/kind.template`")
}

/// Text as it stands between double quotes in YAML (1.2.2, section 7.3.1):
/// letters as they are, and all that could mean something, or not be printed,
/// escaped.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            ' '..='~' => quoted.push(character),
            letter if letter.is_alphanumeric() => quoted.push(letter),
            other => {
                let _ = write!(quoted, "\\U{:08x}", u32::from(other));
            }
        }
    }
    quoted
}
