//! Every state that a cluster can be in, and what the verbs of `kind` make of it.

use std::fs;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::bed;
use crate::docker::docker;
use crate::files;
use crate::own::{assert_nothing, assert_state, kind, made, signal_in_init, take_down, up_with, would};
use crate::processes;
use crate::workspace::Workspace;

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn it_is_made_once_and_removed_once() {
    let workspace = Workspace::new();
    let cluster = workspace.cluster();
    let absent = assert_state(&workspace, 0, "absent");
    let told = (&absent["nodes"], &absent["drift"], &absent["kubeconfig"]);
    assert_eq!(told, (&json!([]), &json!(null), &json!(null)));
    let steps = would(&workspace, &["up"]);
    let step = format!("would make the cluster `{cluster}` with `kind create cluster`\n");
    assert!(steps.starts_with(&step), "{steps}");
    assert_nothing(&workspace);

    let answer = made(&workspace, &[]);
    assert_made(&workspace, &answer);
    assert_already(&workspace);
    assert_removed(&workspace);
    assert_state(&workspace, 0, "absent");
    let down = kind(&workspace, &["down"]).run().exits(0);
    down.stdout(format!("there is no cluster `{cluster}`\n")).stderr("");
    assert_eq!(workspace.json(&["kind", "down"])["removed"], json!(null));
}

/// Asserts that it is as `kind up` has answered, and as it was rendered.
#[track_caller]
fn assert_made(workspace: &Workspace, answer: &Value) {
    let node = workspace.node();
    assert_eq!((&answer["cluster"], &answer["nodes"]), (&json!(workspace.cluster()), &json!([node])));
    assert!(workspace.kubernetes().is_ready(&format!("/api/v1/nodes/{node}")));
    let ready = assert_state(workspace, 0, "ready");
    let told = (&ready["api"], &ready["drift"], &ready["unready"]);
    assert_eq!(told, (&answer["api"], &json!([]), &json!([])));
    assert_eq!(ready["version"].as_str().unwrap(), bed::image().rsplit_once(':').unwrap().1);
    assert_eq!(ready["nodes"][0]["image"], bed::image());
    let record: Value = serde_json::from_str(&docker(["exec", &node, "cat", "/kind/xtask.json"])).unwrap();
    let rendered = workspace.json(&["kind", "render"]);
    assert_eq!((&record["config"], &record["digest"]), (&rendered["config"], &rendered["digest"]));
    assert_eq!(record["workspace"], json!(workspace.id()));
    let kubeconfig = workspace.state("kubeconfig");
    assert_eq!(files::mode(&kubeconfig), 0o600);
    let printed = kind(workspace, &["kubeconfig"]).run().exits(0).stderr("");
    printed.stdout(fs::read_to_string(&kubeconfig).unwrap());
}

/// Asserts that nothing is done when it is asked for again, nor in dry runs.
#[track_caller]
fn assert_already(workspace: &Workspace) {
    let (cluster, node) = (workspace.cluster(), workspace.node());
    let life = workspace.life(&node);
    let again = workspace.json(&["kind", "up"]);
    assert_eq!((&again["change"], &again["repaired"]), (&json!("already"), &json!([])));
    let text = kind(workspace, &["up"]).run().exits(0).stderr("");
    assert!(
        text.text().starts_with(&format!("the cluster `{cluster}` is ready already\n")),
        "{}",
        text.text()
    );
    would(workspace, &["up"]);
    let steps = would(workspace, &["up", "--recreate"]);
    let step = format!("would remove the cluster `{cluster}`, which is running\n");
    assert!(steps.starts_with(&step), "{steps}");
    let steps = would(workspace, &["down"]);
    assert!(steps.starts_with(&format!("would remove node `{node}` with its volumes\n")), "{steps}");
    assert_eq!(workspace.life(&node), life, "it was touched");
}

/// Asserts that `kind down` leaves nothing.
#[track_caller]
fn assert_removed(workspace: &Workspace) {
    let volumes = workspace.volumes();
    assert!(!volumes.is_empty());
    let gone = workspace.json(&["kind", "down"]);
    let begin = format!("cluster `{}` (1 node), ", workspace.cluster());
    assert!(gone["removed"].as_str().unwrap().starts_with(&begin), "{gone}");
    assert_nothing(workspace);
    let left = docker(["volume", "ls", "--quiet"]);
    assert!(volumes.iter().all(|volume| !left.contains(volume)), "{left}");
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn one_that_was_stopped_is_started_and_one_that_is_paused_is_left() {
    let workspace = Workspace::new();
    let node = workspace.node();
    let before = made(&workspace, &[]);

    docker(["stop", &node]);
    let status = assert_state(&workspace, 3, "stopped");
    assert_eq!(status["nodes"][0]["state"], "exited");
    let steps = would(&workspace, &["up"]);
    assert!(steps.starts_with(&format!("would start node `{node}`\n")), "{steps}");
    let answer = workspace.json(&["kind", "up"]);
    assert_eq!((&answer["change"], &answer["api"]), (&json!("started"), &before["api"]));
    assert!(workspace.kubernetes().is_ready(&format!("/api/v1/nodes/{node}")));
    assert_eq!(workspace.json(&["kind", "up"])["change"], "already");

    docker(["pause", &node]);
    assert_state(&workspace, 3, "paused");
    let life = workspace.life(&node);
    for args in [&["up"][..], &["up", "--dry-run"]] {
        kind(&workspace, args).run().exits(3).stdout("").stderr(format!(
            "error: the cluster `{}` is paused\nhelp: let it go on with `docker unpause {node}`\n",
            workspace.cluster()
        ));
    }
    assert_eq!(workspace.life(&node), life);
    docker(["unpause", &node]);
    workspace.json(&["kind", "up"]);
    docker(["pause", &node]);
    take_down(&workspace);
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn one_that_was_never_whole_is_made_anew() {
    let workspace = Workspace::new();
    let mut call = up_with(&workspace, "slow-init", &[]).spawn();
    // As when the machine loses power: kind ends, too.
    signal_in_init(&workspace, &call, Signal::KILL);
    call.wait().unwrap();
    workspace.processes().into_iter().for_each(processes::kill);
    let half = workspace.life(&workspace.node());
    // A lock of that kind's stays in a folder which the next one does not see.
    fs::write(workspace.state("kind/create/kubeconfig.lock"), "").unwrap();
    let status = assert_state(&workspace, 3, "half made");
    assert_eq!(status["drift"], json!(null));
    let steps = would(&workspace, &["up"]);
    let cluster = workspace.cluster();
    assert!(
        steps.starts_with(&format!("would remove the cluster `{cluster}`, which is half made\n")),
        "{steps}"
    );

    let ran = kind(&workspace, &["up", "--format", "json"]).run().exits(0);
    assert!(ran.errors().contains("was never made to its end, and is made anew"), "{}", ran.errors());
    assert_eq!(ran.json()["change"], "recreated");
    assert_ne!(workspace.life(&workspace.node()), half);
    assert_state(&workspace, 0, "ready");
    take_down(&workspace);
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn one_whose_files_are_gone_is_ours_still() {
    let workspace = Workspace::new();
    made(&workspace, &[]);
    let node = workspace.node();
    let id = docker(["inspect", "--format", "{{.Id}}", &node]);
    fs::remove_dir_all(workspace.state("")).unwrap();
    assert_state(&workspace, 3, "unready");
    assert_eq!(files::mode(&workspace.state("kind/node")), 0o700, "Docker made it");
    let steps = would(&workspace, &["up"]);
    let restart = format!("would restart node `{node}`, which sees a folder that is gone\n");
    assert!(steps.starts_with(&restart), "{steps}");

    let answer = workspace.json(&["kind", "up"]);
    let repaired = answer["repaired"].as_array().unwrap();
    assert!(repaired.contains(&json!("the kubeconfig")), "{answer}");
    assert_eq!(docker(["inspect", "--format", "{{.Id}}", &node]), id, "it is another one");
    assert!(workspace.kubernetes().is_ready(&format!("/api/v1/nodes/{node}")));
    // The node sees the new files, not those that are gone.
    let policy = docker(["exec", &node, "cat", "/etc/xtask/audit-policy.yaml"]);
    assert_eq!(policy, fs::read_to_string(workspace.state("kind/node/audit-policy.yaml")).unwrap().trim());
    assert_eq!(workspace.json(&["kind", "up"])["change"], "already");

    fs::remove_dir_all(workspace.state("")).unwrap();
    take_down(&workspace);
}
