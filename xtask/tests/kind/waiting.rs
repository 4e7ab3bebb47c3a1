//! A cluster that does not become ready: kind is not believed, and what is not
//! ready is told, with all that explains it.

use std::fs;

use rustix::process::Signal;
use serde_json::json;

use crate::docker::docker;
use crate::own::{kind, take_down, up_with};
use crate::processes;
use crate::support::Ran;
use crate::wait;
use crate::workspace::Workspace;

/// A cluster that kind has made, and calls a success; the call that waits for
/// it is ended.
#[track_caller]
fn made_with(workspace: &Workspace, fault: &str) {
    let call = up_with(workspace, fault, &[]).spawn();
    // It is kept once kind has succeeded.
    wait::until("kind's success", || workspace.state("kubeconfig").exists());
    processes::signal(call.id(), Signal::INT);
    let output = call.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(
        said.contains("\nerror: interrupted\nhelp: see what there is with `cargo xtask kind status`"),
        "{said}"
    );
}

/// What is said of a wait that is in vain.
#[track_caller]
fn waits_in_vain(workspace: &Workspace, fault: &str) -> Ran {
    let life = workspace.life(&workspace.node());
    let kept = || fs::read_to_string(workspace.state("kubeconfig")).unwrap();
    let before = kept();
    let ran = up_with(workspace, fault, &["--timeout", "10s"]).run().exits(4).stdout("");
    assert_eq!((workspace.life(&workspace.node()), kept()), (life, before), "it was changed");
    let node = workspace.node();
    let help = format!(
        "help: look further with `kubectl --kubeconfig .xtask/coder/kubeconfig describe nodes,pods --all-namespaces`, \
         `docker logs {node}` or `kind export logs --name {}`; give it more time with `--timeout`\n",
        workspace.cluster()
    );
    assert!(ran.errors().ends_with(&help), "{}", ran.errors());
    let words = format!("cause: last words of `{node}`:\n");
    assert!(ran.errors().contains(&words), "{}", ran.errors());
    ran
}

#[track_caller]
fn assert_unready(workspace: &Workspace, fault: &str, why: &str) {
    let image = format!("kind.node_image={}", crate::bed::faulty_image(fault));
    let status = kind(workspace, &["status", "--format", "json", "--set", &image]).run().exits(3).json();
    assert_eq!((&status["state"], &status["drift"]), (&json!("unready"), &json!([])));
    let told = status["unready"].to_string();
    assert!(told.contains(why), "{told}");
    take_down(workspace);
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn a_node_that_does_not_become_ready() {
    let workspace = Workspace::new();
    made_with(&workspace, "never-ready");
    let ran = waits_in_vain(&workspace, "never-ready");
    let node = workspace.node();
    ran.stderr(format!(
        "...\n\
         error: the time was up while waiting for nodes, pods in `kube-system`, [..]\n\
         cause: node `{node}`: its condition Ready is False\n  \
         condition Ready is False, KubeletNotReady: container runtime network not ready: [..]\n...\n"
    ));
    assert_unready(&workspace, "never-ready", "cni plugin not initialized");
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn system_pods_that_do_not_become_ready() {
    let workspace = Workspace::new();
    made_with(&workspace, "unready-pods");
    let ran = waits_in_vain(&workspace, "unready-pods");
    ran.stderr(
        "...\nerror: the time was up while waiting for [..]kube-system/coredns[..]\n...\n\
         [..]CrashLoopBackOff[..]\n...\n[..]Back-off restarting failed container coredns[..]\n...\n",
    );
    assert_unready(&workspace, "unready-pods", "CrashLoopBackOff");
}

/// The API server of this image ends when kind has succeeded.
#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn an_api_that_does_not_answer_is_not_another_cluster() {
    let workspace = Workspace::new();
    made_with(&workspace, "api-dead");
    let ran = waits_in_vain(&workspace, "api-dead");
    ran.stderr(
        "waiting for the API: [..]\n\
         error: the time was up while waiting for the cluster's API\n\
         cause: [..]127.0.0.1:[..]\n\
         cause: last words of [..]\n...\nkube-apiserver ended with status [..]\n...\nhelp: [..]\n",
    );
    assert_unready(&workspace, "api-dead", "127.0.0.1:");
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn an_api_server_that_ends_is_waited_for() {
    let workspace = Workspace::new();
    crate::own::made(&workspace, &[]);
    let node = workspace.node();
    let life = workspace.life(&node);
    // Another takes its place in a moment.
    docker(["exec", &node, "killall", "-KILL", "kube-apiserver"]);
    let answer = workspace.json(&["kind", "up"]);
    assert!(["repaired", "already"].contains(&answer["change"].as_str().unwrap()), "{answer}");
    let told = format!("/api/v1/nodes/{node}");
    assert_eq!(workspace.kubernetes().get(&told)["metadata"]["name"], node.as_str());
    // By its last word it may have been silent for too long.
    wait::until("the node to be ready", || workspace.kubernetes().is_ready(&told));
    assert_eq!(workspace.life(&node), life);
}
