//! What kind and kubeadm read in the rendered file is what was meant.

use std::time::Duration;

use proptest::prelude::*;
use serde_yaml_ng::Value as Yaml;

use super::*;
use crate::profile::Profile;
use crate::profile::kind::IpFamily;
use crate::render::tests::{as_recorded, profile, yaml};

const POLICY: &str = "/etc/xtask/audit-policy.yaml";

fn names<'a>(cluster: &'a str, profile: &'a str) -> Names<'a> {
    Names { cluster, workspace: "0123456789abcdef", profile }
}

fn mount(host: &str, container: &str, read_only: bool) -> NodeMount {
    NodeMount { host: host.to_owned(), container: container.to_owned(), read_only }
}

fn kind_of(profile: &Profile) -> &KindProfile {
    profile.kind().unwrap()
}

#[test]
fn rendered_files_are_as_recorded() {
    let names = names("xtask-coder-0123456789abcdef", "coder");
    let mounts = [mount("/repo/.xtask/coder/kind/node", "/etc/xtask", true)];
    let text = kind(names, kind_of(&profile(&[])), &mounts, POLICY).unwrap();
    as_recorded(text, snapbox::file!["../recorded/kind.yml"]);
    let other = profile(&["kind.workers=1", "kind.audit=false", "kind.api_server=\"[::1]:6443\""]);
    let mounts = [mount("/srv/a \"b\" 'c' \\d #e: ü", "/data", false)];
    let text = kind(names, kind_of(&other), &mounts, POLICY).unwrap();
    as_recorded(text, snapbox::file!["../recorded/kind-worker.yml"]);
}

/// The patches of one kind and version.
fn patch(config: &Yaml, kind: &str, version: Option<&str>) -> Yaml {
    let patches = config["kubeadmConfigPatches"].as_sequence().unwrap();
    let mut patches = patches.iter().map(|patch| yaml(patch.as_str().unwrap()));
    patches.find(|patch| patch["kind"] == kind && patch["apiVersion"].as_str() == version).unwrap_or_default()
}

/// The arguments, in kubeadm's newer form as in its older one.
fn arguments(list: &Yaml) -> Yaml {
    let items = list.as_sequence().unwrap().iter();
    let items = items.map(|item| (item["name"].clone(), item["value"].clone()));
    Yaml::Mapping(items.collect())
}

fn any_mount() -> impl Strategy<Value = NodeMount> {
    (any::<String>(), any::<String>(), any::<bool>()).prop_map(|(host, container, read_only)| NodeMount {
        host,
        container,
        read_only,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_read_is_what_was_meant(
        cluster in any::<String>(),
        name in any::<String>(),
        policy in any::<String>(),
        mounts in prop::collection::vec(any_mount(), 0..4),
        (workers, max_pods, audit) in (0..=3_u8, 1_u16.., any::<bool>()),
        (quota_mib, minutes) in (1_u32.., 1..5_000_000_u64),
        api_server in any::<std::net::SocketAddr>(),
        ip_family in prop::sample::select(vec![IpFamily::Ipv4, IpFamily::Ipv6, IpFamily::Dual]),
    ) {
        let mut meant = kind_of(&profile(&[])).clone();
        meant.etcd.quota_mib = quota_mib;
        meant.etcd.compaction = Duration::from_secs(minutes * 60);
        meant = KindProfile { api_server, ip_family, workers, max_pods, audit, ..meant };
        let config = yaml(&kind(names(&cluster, &name), &meant, &mounts, &policy).unwrap());
        prop_assert_eq!(&config["name"], cluster.as_str());
        prop_assert_eq!(&config["networking"]["apiServerAddress"], &Yaml::from(api_server.ip().to_string()));
        prop_assert_eq!(&config["networking"]["apiServerPort"], api_server.port());
        prop_assert_eq!(&config["networking"]["ipFamily"], &Yaml::from(ip_family.to_string()));
        let nodes = config["nodes"].as_sequence().unwrap();
        prop_assert_eq!(nodes.len(), 1 + usize::from(workers));
        for (at, node) in nodes.iter().enumerate() {
            prop_assert_eq!(&node["role"], if at == 0 { "control-plane" } else { "worker" });
            prop_assert_eq!(&node["image"], "kindest/node:v1.33.4");
            prop_assert_eq!(&node["labels"]["dev.xtask.workspace"], "0123456789abcdef");
            prop_assert_eq!(&node["labels"]["dev.xtask.profile"], name.as_str());
            let read: Vec<NodeMount> = node["extraMounts"].as_sequence().into_iter().flatten().map(|it| {
                let text = |key: &str| it[key].as_str().unwrap();
                mount(text("hostPath"), text("containerPath"), it["readOnly"].as_bool().unwrap())
            }).collect();
            prop_assert_eq!(&read, &mounts);
        }
        let kubelet = patch(&config, "KubeletConfiguration", Some("kubelet.config.k8s.io/v1beta1"));
        prop_assert_eq!(&kubelet["maxPods"], max_pods);
        let older = patch(&config, "ClusterConfiguration", Some("kubeadm.k8s.io/v1beta3"));
        let etcd = &older["etcd"]["local"]["extraArgs"];
        prop_assert_eq!(&etcd["quota-backend-bytes"], &Yaml::from((u64::from(quota_mib) << 20).to_string()));
        prop_assert_eq!(&etcd["auto-compaction-retention"], &Yaml::from(format!("{}s", minutes * 60)));
        let newer = patch(&config, "ClusterConfiguration", Some("kubeadm.k8s.io/v1beta4"));
        prop_assert_eq!(etcd, &arguments(&newer["etcd"]["local"]["extraArgs"]));
        let volumes = patch(&config, "ClusterConfiguration", None);
        prop_assert_eq!(volumes.is_mapping(), audit);
        prop_assert_eq!(older["apiServer"].is_mapping(), audit);
        if audit {
            let server = &older["apiServer"]["extraArgs"];
            prop_assert_eq!(server, &arguments(&newer["apiServer"]["extraArgs"]));
            let volumes = &volumes["apiServer"]["extraVolumes"];
            prop_assert_eq!(&volumes[0]["hostPath"], policy.as_str());
            prop_assert_eq!(&volumes[0]["mountPath"], &server["audit-policy-file"]);
        }
    }
}
