//! Paths in kind's YAML as the keys that the profile has for them.

use std::time::Duration;

use super::Difference;
use crate::kind::config::{CONTAINERD_CERTS, KUBELET_CREDENTIALS};
use crate::kind::folder::MOUNT;

/// Ends of paths that are one key each.
const KEYS: [(&str, &str); 7] = [
    ("workers", "kind.workers"),
    ("networking.ipFamily", "kind.ip_family"),
    ("networking.apiServer", "kind.api_server"),
    (".image", "kind.node_image"),
    (".maxPods", "kind.max_pods"),
    (".quota-backend-bytes", QUOTA),
    (".auto-compaction-retention", COMPACTION),
];
const QUOTA: &str = "kind.etcd.quota_mib";
const COMPACTION: &str = "kind.etcd.compaction";

/// The difference at a path, as the profile says it.
pub(super) fn difference(path: &str, made: Option<&String>, wanted: Option<&String>) -> Difference {
    let is_new = made.is_none() || wanted.is_none();
    // In kubeadm's two versions: a list of names and values, or a map.
    let path = path.strip_suffix(".value").unwrap_or(path);
    let flag = |value: Option<&String>| Some(value.is_some().to_string());
    if is_new && path.contains(".apiServer.") {
        return Difference { key: "kind.audit".to_owned(), made: flag(made), wanted: flag(wanted) };
    }
    if let Some((_, container)) = path.split_once(".extraMounts.") {
        return mount(path, container, made, wanted);
    }
    let key = KEYS.iter().find(|(end, _)| path.ends_with(end)).map_or(path, |(_, key)| key);
    let value = |value: Option<&String>| value.map(|value| in_units(key, value));
    Difference { key: key.to_owned(), made: value(made), wanted: value(wanted) }
}

fn mount(path: &str, container: &str, made: Option<&String>, wanted: Option<&String>) -> Difference {
    if container == KUBELET_CREDENTIALS && (made.is_none() || wanted.is_none()) {
        let given = |value: Option<&String>| value.map(|_| "given to the nodes".to_owned());
        return Difference { key: "kind.docker_config".to_owned(), made: given(made), wanted: given(wanted) };
    }
    let is_ours = [MOUNT, CONTAINERD_CERTS, KUBELET_CREDENTIALS].contains(&container);
    let key = if is_ours { path.to_owned() } else { "kind.mount".to_owned() };
    Difference { key, made: made.cloned(), wanted: wanted.cloned() }
}

/// As the profile writes it.
fn in_units(key: &str, value: &str) -> String {
    let told = match key {
        QUOTA => value.parse().ok().map(|bytes: u64| (bytes >> 20).to_string()),
        COMPACTION => {
            let seconds = value.strip_suffix('s').and_then(|seconds| seconds.parse().ok());
            seconds.map(|it| humantime::format_duration(Duration::from_secs(it)).to_string())
        }
        _ => None,
    };
    told.unwrap_or_else(|| value.to_owned())
}
