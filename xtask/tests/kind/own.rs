//! Calls of the verbs of `kind` in a workspace, and what they leave.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::bed;
use crate::docker::{docker, program, remove};
use crate::processes;
use crate::support::Call;
use crate::wait;
use crate::workspace::Workspace;

/// `kind` with this verb and further words.
pub fn kind(workspace: &Workspace, args: &[&str]) -> Call {
    workspace.call(&[&["kind"], args].concat())
}

/// `kind up` with nodes in which something goes wrong.
pub fn up_with(workspace: &Workspace, fault: &str, args: &[&str]) -> Call {
    let image = format!("kind.node_image={}", bed::faulty_image(fault));
    kind(workspace, &[&["up", "--set", &image], args].concat())
}

/// A cluster that is there, and what `kind up` answered.
#[track_caller]
pub fn made(workspace: &Workspace, args: &[&str]) -> Value {
    let answer = workspace.json(&[&["kind", "up"], args].concat());
    assert_eq!(answer["change"], "created");
    answer
}

/// Asserts that nothing of a cluster is there, nor of its files.
#[track_caller]
pub fn assert_nothing(workspace: &Workspace) {
    assert_eq!(workspace.containers(), [""; 0]);
    assert_eq!(workspace.processes(), [0; 0]);
    assert!(!workspace.state("").exists(), "the state directory is left");
}

/// Takes the cluster down, and asserts that nothing of it is left.
#[track_caller]
pub fn take_down(workspace: &Workspace) {
    kind(workspace, &["down"]).run().exits(0);
    assert_nothing(workspace);
}

/// Asserts the exit status and the state that `kind status` tells; its answer.
#[track_caller]
pub fn assert_state(workspace: &Workspace, exit: i32, state: &str) -> Value {
    let text = kind(workspace, &["status"]).run().exits(exit);
    let line = format!("the cluster `{}` is {state}\n", workspace.cluster());
    assert!(text.text().starts_with(&line), "{}", text.text());
    let answer = kind(workspace, &["status", "--format", "json"]).run().exits(exit).json();
    assert_eq!((&answer["cluster"], &answer["state"]), (&json!(workspace.cluster()), &json!(state)));
    answer
}

/// The lines of a dry run.
#[track_caller]
pub fn would(workspace: &Workspace, args: &[&str]) -> String {
    kind(workspace, &[args, &["--dry-run"]].concat()).run().exits(0).stderr("").text().to_owned()
}

/// Sends a signal to a call that has had kind make a container.
#[track_caller]
pub fn signal_in_init(workspace: &Workspace, call: &Child, signal: Signal) {
    let running = || {
        let top =
            Command::new(program()).args(["top", &workspace.node(), "-o", "pid,args"]).output().unwrap();
        // Docker cannot tell before the node has started.
        String::from_utf8(top.stdout).unwrap()
    };
    wait::until("kubeadm", || running().contains("kubeadm init"));
    processes::signal(call.id(), signal);
}

/// A program that is a script.
pub fn script(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A container of somebody else; removed when dropped.
pub struct Foreign(String);

impl Foreign {
    /// It has the name that a node of the workspace's cluster would have.
    pub fn named_like_node_of(workspace: &Workspace) -> Self {
        Self::run(&workspace.node(), "who=somebody")
    }

    /// It has the label that a node of the workspace's cluster would have.
    pub fn labelled_like_node_of(workspace: &Workspace) -> Self {
        let label = format!("io.x-k8s.kind.cluster={}", workspace.cluster());
        Self::run(&format!("other-{}", workspace.cluster()), &label)
    }

    fn run(name: &str, label: &str) -> Self {
        let run = ["run", "--detach", "--network", "none", "--name", name, "--label", label];
        docker([&run[..], &["--entrypoint", "/bin/sleep", &bed::image(), "600"]].concat());
        Self(name.to_owned())
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        remove(&["rm", "--force", "--volumes", &self.0]);
    }
}
