//! Clusters that were made with other settings, and those with workers.

use serde_json::json;

use crate::docker::docker;
use crate::own::{kind, made, take_down};
use crate::workspace::Workspace;

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn other_settings_are_told_and_need_a_new_cluster() {
    let workspace = Workspace::new();
    made(&workspace, &[]);
    let node = workspace.node();
    let life = workspace.life(&node);
    let other = ["--set", "kind.max_pods=99", "--set", "kind.audit=false"];
    let told = "cause: kind.audit: made with `true`, now `false`\n\
                cause: kind.max_pods: made with `250`, now `99`\n\
                help: make it anew with `cargo xtask kind up --recreate`, which loses what is in it, [..]\n";
    let told =
        format!("error: the cluster `{}` was made with other settings, [..]\n{told}", workspace.cluster());
    for args in [&["up"][..], &["up", "--dry-run"]] {
        kind(&workspace, &[args, &other].concat()).run().exits(1).stdout("").stderr(told.as_str());
    }
    let status =
        kind(&workspace, &[&["status", "--format", "json"], &other[..]].concat()).run().exits(0).json();
    assert_eq!(status["drift"].as_array().unwrap().len(), 2, "{status}");
    let ran = kind(&workspace, &[&["up", "--recreate"], &other[..]].concat()).run().exits(2).stdout("");
    assert!(ran.errors().contains("--yes"), "{}", ran.errors());
    assert_eq!(workspace.life(&node), life, "it was touched");

    let args = [&["kind", "up", "--recreate", "--yes"], &other[..]].concat();
    assert_eq!(workspace.json(&args)["change"], "recreated");
    assert_ne!(workspace.life(&node), life);
    let pods =
        workspace.kubernetes().get(&format!("/api/v1/nodes/{node}"))["status"]["capacity"]["pods"].clone();
    assert_eq!(pods, "99");
    assert!(!docker(["exec", &node, "ps", "-o", "args"]).contains("--audit"), "there is an audit log");
    assert_eq!(workspace.json(&[&["kind", "up"], &other[..]].concat())["change"], "already");
    take_down(&workspace);
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn workers_come_and_are_missed() {
    let workspace = Workspace::new();
    let two = ["--set", "kind.workers=2"];
    made(&workspace, &two);
    let cluster = workspace.cluster();
    let workers = [format!("{cluster}-worker"), format!("{cluster}-worker2")];
    for node in workers.iter().chain([&workspace.node()]) {
        assert!(workspace.kubernetes().is_ready(&format!("/api/v1/nodes/{node}")), "{node}");
    }
    let lives = workspace.lives();
    let ran = kind(&workspace, &["up"]).run().exits(1).stdout("");
    ran.stderr("error: [..]\ncause: kind.workers: made with `2`, now `0`\nhelp: [..]\n");
    assert_eq!(workspace.lives(), lives);

    docker(["stop", &workers[1]]);
    assert_eq!(workspace.json(&[&["kind", "up"], &two[..]].concat())["change"], "started");
    assert!(workspace.kubernetes().is_ready(&format!("/api/v1/nodes/{}", workers[1])));

    docker(["rm", "--force", "--volumes", &workers[0]]);
    let lives = workspace.lives();
    let lost = format!("the cluster `{cluster}` has lost `{}`", workers[0]);
    for args in [&["up"][..], &["up", "--dry-run"]] {
        let ran = kind(&workspace, &[args, &two].concat()).run().exits(1).stdout("");
        ran.stderr(format!(
            "error: {lost}\nhelp: make it anew with `cargo xtask kind up --recreate`, [..]\n"
        ));
    }
    let status =
        kind(&workspace, &[&["status", "--format", "json"], &two[..]].concat()).run().exits(3).json();
    assert_eq!((&status["state"], &status["unready"]), (&json!("unready"), &json!([lost])));
    assert_eq!(workspace.lives(), lives);
    take_down(&workspace);
}
