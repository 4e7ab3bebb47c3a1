//! A platform in a Docker of its own: nobody else has addresses there, and
//! the network is the program's, or a stranger's; the daemon is restarted.

use serde_json::{Value, json};

use crate::bed;
use crate::daemon::Daemon;
use crate::platform::assert_up;
use crate::workspace::Workspace;

/// The addresses of the pools for one service each.
#[track_caller]
fn pools(workspace: &Workspace) -> Vec<String> {
    let metallb = workspace.json(&["metallb", "status"]);
    let pools = metallb["pools"].as_array().unwrap().iter().filter(|pool| pool["name"] != "rest");
    pools
        .map(|pool| format!("{} {}", pool["name"].as_str().unwrap(), pool["addresses"][0].as_str().unwrap()))
        .collect()
}

fn networks(daemon: &Daemon) -> String {
    daemon.docker(&["network", "ls", "--filter", "name=^kind$", "--format", "{{.ID}}"])
}

/// The last addresses of the network, as they shall be where they are free.
#[track_caller]
fn assert_fixed(workspace: &Workspace, daemon: &Daemon) {
    let subnets = daemon.docker(&["network", "inspect", "kind", "--format", "{{json .IPAM.Config}}"]);
    let subnets: Value = serde_json::from_str(&subnets).unwrap();
    let mut subnets =
        subnets.as_array().unwrap().iter().filter_map(|it| it["Subnet"].as_str()?.strip_suffix(".0.0/16"));
    let prefix = subnets.next().unwrap();
    let fixed = [("argo", 20), ("boots", 40), ("orchestrator", 30)];
    assert_eq!(pools(workspace), fixed.map(|(name, last)| format!("{name} {prefix}.255.{last}/32")));
}

/// All containers end with the daemon; kind's nodes are started again by it.
fn is_repaired_after_the_daemon(workspace: &Workspace, daemon: &Daemon) {
    let started = || workspace.docker(&["inspect", "--format", "{{.State.StartedAt}}", &workspace.node()]);
    let before = (started(), workspace.life(&workspace.cluster()));
    daemon.restart();
    let up = workspace.up_json(&["--with-samples"]);
    assert_up(&up, &[("certificates", "already")]);
    assert!(started() != before.0 && workspace.life(&workspace.cluster()) != before.1);
    workspace.assert_routes();
    assert_fixed(workspace, daemon);
}

/// The node comes back with another address, since somebody has taken its own.
fn is_repaired_with_another_address(workspace: &Workspace, daemon: &Daemon) {
    let format = "{{(index .NetworkSettings.Networks \"kind\").IPAddress}}";
    let address = |container: &str| workspace.docker(&["inspect", "--format", format, container]);
    let (node, image) = (workspace.node(), bed::image());
    let before = address(&node);
    workspace.docker(&["stop", &node]);
    let run = ["run", "--detach", "--network", "kind", "--entrypoint", "/bin/sleep", &image, "infinity"];
    let mut others = Vec::new();
    // Docker gives what is free, in an order of its own.
    while others.last().is_none_or(|other: &String| address(other) != before) {
        assert!(others.len() < 16, "nobody is given {before}");
        others.push(workspace.docker(&run));
    }
    let up = workspace.up_json(&["--with-samples"]);
    assert_up(&up, &[("kind", "done")]);
    assert_ne!(address(&node), before);
    workspace.assert_routes();
    assert_fixed(workspace, daemon);
    for other in &others {
        workspace.docker(&["rm", "--force", other]);
    }
}

#[test]
#[ignore = "needs the test bed of kind, dockerd and root; run by cargo xtask test"]
fn a_cluster_survives_its_docker_and_leaves_it_as_it_was() {
    let daemon = Daemon::start();
    assert_eq!(networks(&daemon), "");
    let workspace = Workspace::in_docker(&daemon.host());
    assert_up(&workspace.up_json(&["--with-samples"]), &[("kind", "done")]);
    workspace.assert_routes();
    assert_fixed(&workspace, &daemon);
    is_repaired_after_the_daemon(&workspace, &daemon);
    is_repaired_with_another_address(&workspace, &daemon);
    workspace.call(&["down"]).run().exits(0);
    workspace.assert_gone();
    // It was ours.
    assert_eq!(networks(&daemon), "");
    assert_eq!(daemon.docker(&["volume", "ls", "--quiet"]), "");

    let theirs = daemon.docker(&["network", "create", "kind"]);
    let up = workspace.up_json(&[]);
    assert_eq!(up["check"]["wrong"], json!(0));
    workspace.call(&["down"]).run().exits(0);
    assert!(theirs.starts_with(&networks(&daemon)) && !networks(&daemon).is_empty(), "{theirs}");
    workspace.assert_gone();
}
