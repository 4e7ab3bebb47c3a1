//! Every key of the profile that changes kind's YAML is told by its name.

use super::*;
use crate::kind::Config;
use crate::kind::tests::coder;

fn yaml(overrides: &[&str]) -> String {
    Config::of(&coder(overrides)).unwrap().yaml
}

fn differences(made: &[&str], wanted: &[&str]) -> Vec<String> {
    let found = difference(&yaml(made), &yaml(wanted)).unwrap();
    let shown = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    found.into_iter().map(|it| format!("{}: {} -> {}", it.key, shown(it.made), shown(it.wanted))).collect()
}

#[test]
fn a_key_is_told_by_its_name_with_both_values() {
    for (set, told) in [
        (
            "kind.node_image=kindest/node:v1.36.0",
            "kind.node_image: kindest/node:v1.33.4 -> kindest/node:v1.36.0",
        ),
        ("kind.api_server=\"127.0.0.1:6443\"", "kind.api_server: 127.0.0.1:0 -> 127.0.0.1:6443"),
        ("kind.api_server=\"[::1]:6443\"", "kind.api_server: 127.0.0.1:0 -> [::1]:6443"),
        ("kind.ip_family=dual", "kind.ip_family: ipv4 -> dual"),
        ("kind.workers=2", "kind.workers: 0 -> 2"),
        ("kind.max_pods=110", "kind.max_pods: 250 -> 110"),
        ("kind.audit=false", "kind.audit: true -> false"),
        ("kind.etcd.quota_mib=2048", "kind.etcd.quota_mib: 8192 -> 2048"),
        ("kind.etcd.compaction=\"90m\"", "kind.etcd.compaction: 1h -> 1h 30m"),
        ("kind.docker_config=\"x.json\"", "kind.docker_config: - -> given to the nodes"),
        (
            "kind.mount=[{ host = \"/srv\", container = \"/data\", read_only = false }]",
            "kind.mount: - -> /srv at /data, writable",
        ),
    ] {
        assert_eq!(differences(&[], &[set]), [told], "{set}");
        let back = differences(&[set], &[]);
        assert_eq!(back.len(), 1, "{back:?}");
        let (key, _) = told.split_once(": ").unwrap();
        assert!(back[0].starts_with(key), "{back:?}");
    }
}

#[test]
fn the_nodes_are_told_once() {
    let told = differences(&["kind.workers=3"], &["kind.workers=3", "kind.node_image=x:1"]);
    assert_eq!(told, ["kind.node_image: kindest/node:v1.33.4 -> x:1"]);
    let told = differences(&["kind.workers=1"], &["kind.workers=3", "kind.max_pods=9"]);
    assert_eq!(told, ["kind.max_pods: 250 -> 9", "kind.workers: 1 -> 3"]);
}

#[test]
fn what_changes_while_a_cluster_runs_is_no_difference() {
    let mirror = "kind.mirror=[{ registry = \"docker.io\", endpoints = [\"https://a\"] }]";
    assert_eq!(differences(&[], &[mirror]), [""; 0]);
    assert_eq!(differences(&["kind.docker_config=\"a\""], &["kind.docker_config=\"b\""]), [""; 0]);
    let config = |overrides: &[&str]| Config::of(&coder(overrides)).unwrap();
    assert_eq!(config(&[]).digest, config(&[mirror]).digest);
    assert_ne!(config(&[]).digest, config(&["kind.workers=1"]).digest);
}

#[test]
fn comments_do_not_count_and_all_else_does() {
    let made = yaml(&[]);
    let told = |from: &str, to: &str| {
        assert!(made.contains(from), "{from}");
        difference(&made, &made.replace(from, to)).unwrap()
    };
    assert_eq!(told("# For people", "# Label"), []);
    // Of another version of this program.
    let age = told("audit-log-maxage: \"7\"", "audit-log-maxage: \"9\"");
    assert_eq!(age.len(), 1);
    assert_eq!(
        age[0].key,
        "kubeadmConfigPatches.ClusterConfiguration(kubeadm.k8s.io/v1beta3).apiServer.extraArgs.audit-log-maxage"
    );
    assert_eq!((age[0].made.as_deref(), age[0].wanted.as_deref()), (Some("7"), Some("9")));
    let moved = told("/.xtask/coder/kind/node\"", "/elsewhere\"");
    assert_eq!(moved.len(), 1, "{moved:?}");
    assert_eq!(moved[0].key, "nodes.control-plane.extraMounts./etc/xtask");
    let more = told("networking:", "featureGates: { \"A\": true }\nnetworking:");
    assert_eq!(more[0].key, "featureGates.A");
    assert!(difference(&made, "{").is_err());
}
