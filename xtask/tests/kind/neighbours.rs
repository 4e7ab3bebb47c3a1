//! Clusters of others in the same Docker and the same network.

use std::net::Ipv4Addr;
use std::ops::RangeInclusive;

use crate::bed::{self, Cluster};
use crate::docker::docker;
use crate::platform::assert_up;
use crate::workspace::Workspace;

/// The addresses of all pools of a cluster.
#[track_caller]
fn pools(workspace: &Workspace) -> Vec<RangeInclusive<Ipv4Addr>> {
    let metallb = workspace.json(&["metallb", "status"]);
    let pools = metallb["pools"].as_array().unwrap().iter();
    let ranges = pools.flat_map(|pool| pool["addresses"].as_array().unwrap());
    let ranges = ranges.map(|range| {
        let range = range.as_str().unwrap().trim_end_matches("/32");
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        first.parse().unwrap()..=last.parse().unwrap()
    });
    ranges.collect()
}

fn network() -> String {
    docker(["network", "inspect", "kind", "--format", "{{.Id}} {{.Created}}"])
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn two_workspaces_beside_a_foreign_cluster_do_not_touch_each_other() {
    let foreign = Cluster::make("foreign");
    let life = || docker(["inspect", "--format", "{{.Id}} {{.State.StartedAt}}", &foreign.control_plane()]);
    let (before, network_before) = (life(), network());
    let [one, two] = [Workspace::new(), Workspace::new()];
    let ups = [&one, &two].map(|it| it.up(&["--with-samples", "--format", "json"]).spawn());
    for up in ups {
        let output = up.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_up(&serde_json::from_slice(&output.stdout).unwrap(), &[]);
    }
    let pools = [pools(&one), pools(&two)];
    for mine in &pools[0] {
        for theirs in &pools[1] {
            let apart = mine.end() < theirs.start() || theirs.end() < mine.start();
            assert!(apart, "both have some of {mine:?} and {theirs:?}");
        }
    }
    one.assert_routes();
    two.assert_routes();

    let lives = (two.lives(), two.processes());
    one.call(&["down"]).run().exits(0);
    one.assert_gone();
    assert_eq!((two.lives(), two.processes()), lives);
    two.assert_routes();
    two.call(&["down"]).run().exits(0);
    two.assert_gone();
    assert_eq!((life(), network()), (before, network_before));
    let node = format!("/api/v1/nodes/{}", foreign.control_plane());
    assert!(foreign.api().is_ready(&node));
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn a_foreign_cluster_of_our_name_is_refused_and_left_alone() {
    let workspace = Workspace::new();
    let (node, cluster) = (workspace.node(), workspace.cluster());
    let labels = [format!("io.x-k8s.kind.cluster={cluster}"), "io.x-k8s.kind.role=control-plane".to_owned()];
    let image = bed::image();
    let run = ["run", "--detach", "--name", &node, "--label", &labels[0], "--label", &labels[1]];
    // It ends by no signal but SIGKILL, and only when the test does.
    docker(run.iter().chain(&["--network", "kind", "--entrypoint", "/bin/sleep", &image, "infinity"]));
    let before = workspace.lives();
    let refused = format!(
        "error: container `{node}` is, or is named like, a node of the cluster `{cluster}`, but this \
         workspace has not made it\nhelp: [..]`kind delete cluster --name {cluster}`[..]\n"
    );
    for args in [&["kind", "up"][..], &["kind", "status"], &["kind", "down"], &["down"]] {
        workspace.call(args).run().exits(5).stdout("").stderr(refused.as_str());
    }
    let said = workspace.call(&["up"]).run().exits(5).stderr(format!("...\n{refused}"));
    assert!(said.errors().contains("✗ kind "), "{}", said.errors());
    assert_eq!(workspace.lives(), before);
}
