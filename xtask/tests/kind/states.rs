//! Every state that a cluster can be in, and what the verbs of `kind` make of it.

use std::fs;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::bed;
use crate::docker::docker;
use crate::files;
use crate::own::{Foreign, assert_nothing, kind, made, signal_in_init, up_with};
use crate::processes;
use crate::support::Ran;
use crate::wait;
use crate::workspace::Workspace;

/// Asserts the exit status and the state that `kind status` tells; its answer.
#[track_caller]
fn assert_state(workspace: &Workspace, exit: i32, state: &str) -> Value {
    let text = kind(workspace, &["status"]).run().exits(exit);
    let line = format!("the cluster `{}` is {state}\n", workspace.cluster());
    assert!(text.text().starts_with(&line), "{}", text.text());
    let answer = kind(workspace, &["status", "--format", "json"]).run().exits(exit).json();
    assert_eq!((&answer["cluster"], &answer["state"]), (&json!(workspace.cluster()), &json!(state)));
    answer
}

/// The lines of a dry run.
#[track_caller]
fn would(workspace: &Workspace, args: &[&str]) -> String {
    kind(workspace, &[args, &["--dry-run"]].concat()).run().exits(0).stderr("").text().to_owned()
}

#[track_caller]
fn assert_says(ran: &Ran, what: &str) {
    assert!(ran.errors().contains(what), "{}", ran.errors());
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn it_is_made_once_and_removed_once() {
    let workspace = Workspace::new();
    let (cluster, node) = (workspace.cluster(), workspace.node());
    let absent = assert_state(&workspace, 0, "absent");
    assert_eq!(
        (&absent["nodes"], &absent["drift"], &absent["kubeconfig"]),
        (&json!([]), &json!(null), &json!(null))
    );
    let steps = would(&workspace, &["up"]);
    assert!(
        steps.starts_with(&format!("would make the cluster `{cluster}` with `kind create cluster`\n")),
        "{steps}"
    );
    assert_nothing(&workspace);

    let answer = made(&workspace, &[]);
    assert_eq!((&answer["cluster"], &answer["nodes"]), (&json!(cluster), &json!([node])));
    let life = workspace.life(&node);
    assert!(workspace.kubernetes().is_ready(&format!("/api/v1/nodes/{node}")));
    let ready = assert_state(&workspace, 0, "ready");
    assert_eq!((&ready["api"], &ready["drift"], &ready["unready"]), (&answer["api"], &json!([]), &json!([])));
    assert_eq!(ready["version"].as_str().unwrap(), bed::image().rsplit_once(':').unwrap().1);
    assert_eq!(ready["nodes"][0]["image"], bed::image());

    let again = workspace.json(&["kind", "up"]);
    assert_eq!((&again["change"], &again["repaired"]), (&json!("already"), &json!([])));
    let text = kind(&workspace, &["up"]).run().exits(0).stderr("");
    assert!(
        text.text().starts_with(&format!("the cluster `{cluster}` is ready already\n")),
        "{}",
        text.text()
    );

    // What is printed leads to the cluster, and is what is kept.
    let kubeconfig = workspace.state("kubeconfig");
    assert_eq!(files::mode(&kubeconfig), 0o600);
    let printed = kind(&workspace, &["kubeconfig"]).run().exits(0).stderr("");
    printed.stdout(fs::read_to_string(&kubeconfig).unwrap());
    // What was kept of it in the node is what is rendered.
    let record = docker(["exec", &node, "cat", "/kind/xtask.json"]);
    let record: Value = serde_json::from_str(&record).unwrap();
    let rendered = workspace.json(&["kind", "render"]);
    assert_eq!((&record["config"], &record["digest"]), (&rendered["config"], &rendered["digest"]));
    assert_eq!(record["workspace"], json!(workspace.id()));

    would(&workspace, &["up"]);
    let steps = would(&workspace, &["up", "--recreate"]);
    assert!(
        steps.starts_with(&format!("would remove the cluster `{cluster}`, which is running\n")),
        "{steps}"
    );
    let steps = would(&workspace, &["down"]);
    assert!(steps.starts_with(&format!("would remove node `{node}` with its volumes\n")), "{steps}");
    assert_eq!(workspace.life(&node), life, "a dry run has touched it");

    let volumes = workspace.volumes();
    assert!(!volumes.is_empty());
    let gone = workspace.json(&["kind", "down"]);
    assert!(
        gone["removed"].as_str().unwrap().starts_with(&format!("cluster `{cluster}` (1 node), ")),
        "{gone}"
    );
    assert_nothing(&workspace);
    let left = docker(["volume", "ls", "--quiet"]);
    assert!(volumes.iter().all(|volume| !left.contains(volume)), "{left}");
    assert_state(&workspace, 0, "absent");
    kind(&workspace, &["down"])
        .run()
        .exits(0)
        .stdout(format!("there is no cluster `{cluster}`\n"))
        .stderr("");
    assert_eq!(workspace.json(&["kind", "down"])["removed"], json!(null));
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
    kind(&workspace, &["down"]).run().exits(0);
    assert_nothing(&workspace);
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
    assert_says(&ran, "was never made to its end, and is made anew");
    assert_eq!(ran.json()["change"], "recreated");
    assert_ne!(workspace.life(&workspace.node()), half);
    assert_state(&workspace, 0, "ready");
    kind(&workspace, &["down"]).run().exits(0);
    assert_nothing(&workspace);
}

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
    assert_says(&ran, "--yes");
    assert_eq!(workspace.life(&node), life, "it was touched");

    let args = [&["kind", "up", "--recreate", "--yes"], &other[..]].concat();
    assert_eq!(workspace.json(&args)["change"], "recreated");
    assert_ne!(workspace.life(&node), life);
    let pods =
        workspace.kubernetes().get(&format!("/api/v1/nodes/{node}"))["status"]["capacity"]["pods"].clone();
    assert_eq!(pods, "99");
    assert!(!docker(["exec", &node, "ps", "-o", "args"]).contains("--audit"), "there is an audit log");
    assert_eq!(workspace.json(&[&["kind", "up"], &other[..]].concat())["change"], "already");
    kind(&workspace, &["down"]).run().exits(0);
    assert_nothing(&workspace);
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
    kind(&workspace, &["down"]).run().exits(0);
    assert_nothing(&workspace);
}

/// The container is somebody else's for all that is asked of us.
#[track_caller]
fn assert_refused(workspace: &Workspace, name: &str) {
    let life = workspace.life(name);
    let verbs: [&[&str]; 6] = [
        &["up"],
        &["up", "--dry-run"],
        &["up", "--recreate", "--yes"],
        &["down"],
        &["down", "--dry-run"],
        &["status"],
    ];
    for args in verbs {
        let ran = kind(workspace, args).run().exits(5).stdout("");
        let cluster = workspace.cluster();
        ran.stderr(format!(
            "error: container `{name}` is, or is named like, a node of the cluster `{cluster}`, \
             but this workspace has not made it\n\
             help: if nobody needs it, remove it: `kind delete cluster --name {cluster}`, or `docker rm [..]\n"
        ));
    }
    assert_eq!(workspace.life(name), life);
    assert!(!workspace.state("kind").exists() && !workspace.state("kubeconfig").exists());
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn what_somebody_else_has_made_by_that_name_is_left_alone() {
    let workspace = Workspace::new();
    for make in [Foreign::named_like_node_of, Foreign::labelled_like_node_of] {
        assert_refused(&workspace, make(&workspace).name());
    }
    // The whole cluster, by kind itself.
    let kubeconfig = workspace.root().join("theirs");
    let mut create = bed::command(&bed::kind());
    create.args(["create", "cluster", "--name", &workspace.cluster(), "--image", &bed::image()]);
    let created = create.arg("--kubeconfig").arg(&kubeconfig).output().unwrap();
    assert!(created.status.success(), "{}", String::from_utf8_lossy(&created.stderr));
    assert_refused(&workspace, &workspace.node());
    let api = crate::api::Api::of(&fs::read_to_string(kubeconfig).unwrap());
    wait::until("their node to be ready", || api.is_ready(&format!("/api/v1/nodes/{}", workspace.node())));
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
    kind(&workspace, &["down"]).run().exits(0);
    assert_nothing(&workspace);
}
