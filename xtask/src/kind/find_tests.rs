use super::*;
use crate::kind::Config;

fn node(name: &str, role: &str, state: &str) -> Node {
    Node {
        name: name.into(),
        role: role.into(),
        state: state.into(),
        image: "node:v1".into(),
        api: None,
        id: name.into(),
    }
}

fn record() -> Record {
    let config = Config { cluster: "c".into(), yaml: String::new(), digest: String::new() };
    Record::new(1, "coder", &config, Vec::new())
}

#[test]
fn the_states_are_told_apart() {
    let plane = |state: &str| node("c-control-plane", "control-plane", state);
    let worker = |state: &str| node("c-worker", "worker", state);
    let word = |nodes: &[Node], record: Option<Record>| found(nodes.to_vec(), record).word();
    assert_eq!(word(&[], None), "absent");
    assert_eq!(word(&[plane("running")], None), "half made");
    assert_eq!(word(&[worker("running")], None), "half made");
    assert_eq!(word(&[plane("running"), worker("running")], Some(record())), "running");
    for state in ["exited", "created", "restarting", "dead"] {
        assert_eq!(word(&[plane("running"), worker(state)], Some(record())), "stopped", "{state}");
        assert_eq!(word(&[plane(state), worker("paused")], Some(record())), "paused", "{state}");
    }
}

fn container(labels: &[(&str, &str)], mounts: &[(&str, &str)]) -> ContainerSummary {
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    let mount = |(source, destination): &(&str, &str)| bollard::models::MountPoint {
        source: Some((*source).to_owned()),
        destination: Some((*destination).to_owned()),
        ..Default::default()
    };
    ContainerSummary {
        names: Some(vec!["/c-control-plane".to_owned()]),
        labels: Some(labels.iter().map(owned).collect()),
        mounts: Some(mounts.iter().map(mount).collect()),
        ..Default::default()
    }
}

#[test]
fn a_node_is_ours_by_its_cluster_and_our_folder() {
    let label = (CLUSTER_LABEL, "c");
    let (mount, own) = (("/w/.xtask/coder/kind/node", MOUNT), Path::new("/w/.xtask/coder/kind/node"));
    assert!(is_of(&container(&[label], &[("/var", "/var"), mount]), "c", own));
    assert!(!is_of(&container(&[label], &[]), "c", own), "anybody can name a cluster");
    assert!(!is_of(&container(&[], &[mount]), "c", own), "no node of kind's");
    assert!(!is_of(&container(&[(CLUSTER_LABEL, "d")], &[mount]), "c", own), "another cluster");
    assert!(
        !is_of(&container(&[label], &[("/other/.xtask/coder/kind/node", MOUNT)]), "c", own),
        "another workspace"
    );
}

#[test]
fn the_api_is_where_its_port_is_published() {
    let port = |private_port, ip: &str, public_port| bollard::models::PortSummary {
        ip: Some(ip.to_owned()),
        private_port,
        public_port,
        typ: None,
    };
    let mut container = container(&[(ROLE_LABEL, "control-plane")], &[]);
    assert_eq!(Node::of(container.clone()).api, None);
    container.ports = Some(vec![port(80, "0.0.0.0", Some(80)), port(6443, "127.0.0.1", Some(1234))]);
    let node = Node::of(container);
    assert_eq!((node.name.as_str(), node.role.as_str()), ("c-control-plane", "control-plane"));
    assert_eq!(node.api, Some("127.0.0.1:1234".parse().unwrap()));
}
