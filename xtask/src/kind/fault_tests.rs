use super::*;
use crate::failure::{Exit, exit_of, help_of};

/// What kind 0.33 printed as each of these came about, what that means, and the
/// line that is shown of it.
const SAID: &[(&str, Exit, &str, &str)] = &[
    (
        include_str!("testdata/kubeadm-init.txt"),
        Exit::Failed,
        "the control plane did not come up",
        "error execution phase wait-control-plane: could not initialize a Kubernetes cluster",
    ),
    (
        include_str!("testdata/join.txt"),
        Exit::Failed,
        "a worker could not join the cluster",
        "error execution phase wait-control-plane: could not initialize a Kubernetes cluster",
    ),
    (
        include_str!("testdata/taint.txt"),
        Exit::Failed,
        "the control plane could not be set up",
        "error: taint refused",
    ),
    (
        include_str!("testdata/label.txt"),
        Exit::Failed,
        "the control plane could not be set up",
        "error: label refused",
    ),
    (
        include_str!("testdata/cni.txt"),
        Exit::Failed,
        "the pods' network could not be installed",
        "error: error validating STDIN",
    ),
    (
        include_str!("testdata/storage.txt"),
        Exit::Failed,
        "the storage class could not be installed",
        "error: storage refused",
    ),
    (
        include_str!("testdata/no-kubeconfig.txt"),
        Exit::Failed,
        "the control plane has no kubeconfig",
        "cat: can't open '/etc/kubernetes/admin.conf': No such file or directory",
    ),
    (
        include_str!("testdata/silent.txt"),
        Exit::Failed,
        "a node did not boot within kind's 30 seconds",
        "failed to create cluster: could not find a log line that matches \"Reached target .*Multi-User System.*|detected cgroup v1\"",
    ),
    (
        include_str!("testdata/port.txt"),
        Exit::Failed,
        "the API's port is taken",
        "Error starting userland proxy: listen tcp4 127.0.0.1:18443: bind: address already in use.",
    ),
    (
        include_str!("testdata/address.txt"),
        Exit::Failed,
        "the API's address is not one of this machine",
        "listen tcp 10.77.66.55:0: bind: cannot assign requested address",
    ),
    (
        include_str!("testdata/image.txt"),
        Exit::Missing,
        "the node image cannot be had",
        "lookup registry-1.docker.io on 127.0.0.53:53: no such host",
    ),
    (
        include_str!("testdata/privileged.txt"),
        Exit::Missing,
        "Docker cannot run privileged containers here",
        "unable to apply caps: operation not permitted: unknown.",
    ),
    (
        include_str!("testdata/mount.txt"),
        Exit::Failed,
        "a node cannot mount a folder of this machine",
        "stat /dev/null/x: not a directory",
    ),
    (
        include_str!("testdata/name.txt"),
        Exit::Failed,
        "somebody else has made a container with a node's name",
        "The container name \"/xtask-coder-control-plane\" is already in use by container",
    ),
    (
        include_str!("testdata/exists.txt"),
        Exit::Failed,
        "somebody else has made a cluster of that name",
        "node(s) already exist for a cluster with the name \"xtask-coder\"",
    ),
    (
        include_str!("testdata/lock.txt"),
        Exit::Failed,
        "kind's kubeconfig is locked",
        "failed to lock config file: open /state/kc.lock: file exists",
    ),
    (
        include_str!("testdata/config.txt"),
        Exit::Failed,
        "kind does not take its configuration",
        "line 3: field nodez not found in type v1alpha4.Cluster",
    ),
    (
        include_str!("testdata/docker.txt"),
        Exit::Missing,
        "Docker has gone",
        "Cannot connect to the Docker daemon at unix:///nonexistent.",
    ),
    (
        include_str!("testdata/panic.txt"),
        Exit::Failed,
        "kind itself has crashed",
        "panic: runtime error: index out of range [0] with length 0",
    ),
];

#[test]
fn each_failure_of_kind_is_told_from_the_others() {
    for (said, exit, means, shown) in SAID {
        let error = fault(said, "exit status: 1", Phase::Nodes, None);
        let causes: Vec<String> = error.chain().skip(1).map(ToString::to_string).collect();
        assert_eq!((error.to_string(), exit_of(&error)), (format!("kind failed: {means}"), *exit));
        assert!(help_of(&error).is_some(), "{means}");
        let [cause] = causes.as_slice() else { panic!("{means}: {causes:?}") };
        assert!(cause.contains(shown), "{means}: {cause}");
        assert!(cause.lines().count() <= SHOWN, "{means}: {cause}");
        assert!(!cause.contains("docker run --name"), "{means}: {cause}");
    }
}

#[test]
fn a_failure_that_nobody_knows_is_told_by_its_end() {
    let said = "ERROR: failed to create cluster: command \"docker run x\" failed with error: exit status 9\n\
                \nCommand Output: one\ntwo\n\nthree\nfour\nfive\nsix\n";
    let error = fault(said, "exit status: 1", Phase::Nodes, Some("last words of `n`:\nseven".into()));
    let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    assert_eq!(
        causes,
        [
            "kind failed while starting the nodes: exit status: 1",
            "two\nthree\nfour\nfive\nsix",
            "last words of `n`:\nseven"
        ]
    );
}

#[test]
fn one_that_was_ended_has_nothing_to_say() {
    let said = "Creating cluster \"c\" ...\n • Preparing nodes\n ✗ Preparing nodes\n";
    let error = fault(said, "signal: 15 (SIGTERM)", Phase::ControlPlane, None);
    assert_eq!(format!("{error:#}"), "kind failed while starting the control plane: signal: 15 (SIGTERM)");
}

#[test]
fn a_network_that_went_is_worth_another_try() {
    let said = "ERROR: failed to create cluster: command \"docker run\" failed with error: exit status 125\n\
                \nCommand Output: docker: Error response from daemon: network kind not found.\n";
    assert!(is_network_gone(said));
    assert!(!SAID.iter().any(|(said, ..)| is_network_gone(said)));
}
