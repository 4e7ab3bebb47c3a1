//! `up` that is interrupted, or killed, wherever it is; then `up` again.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::ExitStatus;
use std::sync::{Arc, Mutex};
use std::thread;

use rustix::process::Signal;

use crate::bed;
use crate::platform::assert_up;
use crate::processes;
use crate::wait;
use crate::workspace::Workspace;

/// When a signal is sent.
struct Moment {
    /// What there is before `up`.
    before: Before,
    what: &'static str,
    /// Whether it has come, by what there is and by what `up` has said.
    is_now: fn(&Workspace, &str) -> bool,
}

/// What is taken away before `up`, of a platform that is up.
#[derive(Clone, Copy)]
enum Before {
    All,
    Release,
    Services,
    Router,
}

/// From the first step to the last.
const MOMENTS: [Moment; 10] = [
    Moment {
        before: Before::All,
        what: "its turn",
        is_now: |workspace, _| workspace.root().join(".xtask/coder.lock").exists(),
    },
    Moment {
        before: Before::All,
        what: "an authority",
        is_now: |workspace, _| workspace.state("ca.pem").exists(),
    },
    Moment {
        before: Before::All,
        what: "kind's start",
        is_now: |_, said| said.contains("kind create cluster"),
    },
    Moment {
        before: Before::All,
        what: "a node",
        is_now: |workspace, _| workspace.containers() == [workspace.node()],
    },
    Moment {
        before: Before::All,
        what: "kind's end",
        is_now: |workspace, _| workspace.state("kind/create/kubeconfig").exists(),
    },
    Moment {
        before: Before::All,
        what: "a kubeconfig",
        is_now: |workspace, _| workspace.state("kubeconfig").exists(),
    },
    Moment { before: Before::Release, what: "Helm's start", is_now: |_, said| said.contains("helm upgrade") },
    Moment { before: Before::Services, what: "MetalLB", is_now: |_, said| said.contains("✓ metallb ") },
    Moment {
        before: Before::Router,
        what: "Compose's start",
        is_now: |_, said| said.contains("up --detach"),
    },
    Moment {
        before: Before::Router,
        what: "the router's container",
        is_now: |workspace, _| workspace.containers().contains(&workspace.cluster()),
    },
];

impl Before {
    fn make(self, workspace: &Workspace) {
        match self {
            Self::All => drop(workspace.call(&["down"]).run().exits(0)),
            Self::Release => {
                let mut helm = bed::command(&bed::helm());
                helm.args(["uninstall", "metallb", "--namespace", "metallb-system", "--kubeconfig"]);
                let output = helm.arg(workspace.state("kubeconfig")).output().unwrap();
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            }
            Self::Services => {
                for service in ["argocd/services/argocd-server", "gitea/services/gitea-http"] {
                    workspace.kubernetes().delete(&format!("/api/v1/namespaces/{service}"));
                }
            }
            Self::Router => drop(workspace.call(&["router", "stop"]).run().exits(0)),
        }
    }
}

impl Moment {
    /// Sends a signal to `up` when it is time: how that ended, and what it said.
    fn send(&self, workspace: &Workspace, signal: Signal) -> (ExitStatus, String) {
        let mut up = workspace.up(&["--with-samples"]).spawn();
        let said = Arc::new(Mutex::new(String::new()));
        let (lines, heard) = (BufReader::new(up.stderr.take().unwrap()).lines(), Arc::clone(&said));
        // What it has started may go on, and say more than itself.
        let listener = thread::spawn(move || {
            lines.map_while(Result::ok).for_each(|line| *heard.lock().unwrap() += &(line + "\n"));
        });
        wait::until(self.what, || {
            let said = said.lock().unwrap().clone();
            assert!(up.try_wait().unwrap().is_none(), "`up` ended before {}:\n{said}", self.what);
            (self.is_now)(workspace, &said)
        });
        processes::signal(up.id(), signal);
        let status = up.wait().unwrap();
        if signal != Signal::KILL {
            listener.join().unwrap();
        }
        let said = said.lock().unwrap().clone();
        (status, said)
    }
}

/// Asserts that whatever runs is named.
#[track_caller]
fn assert_named(workspace: &Workspace, said: &str) {
    let error = said.lines().find(|line| line.starts_with("error: interrupted; ")).expect(said);
    let running: Vec<_> =
        workspace.containers().into_iter().filter(|it| !workspace.life(it).contains(" exited ")).collect();
    for container in &running {
        let is_node = *container == workspace.node();
        let cluster = workspace.cluster();
        let name = if is_node {
            format!("cluster `{cluster}`")
        } else {
            format!("container `{container}` (running)")
        };
        assert!(error.contains(&name), "{container} runs:\n{said}");
    }
    let daemons = workspace.processes();
    for pid in &daemons {
        let words = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        // It may have ended meanwhile.
        let Some(name) = words.split_terminator('\0').next_back() else { continue };
        assert!(error.contains(name), "{words:?} runs:\n{said}");
    }
    let none = "error: interrupted; nothing is left running";
    assert_eq!(error == none, running.is_empty() && daemons.is_empty(), "{running:?}, {daemons:?}\n{said}");
}

fn at_each_moment(signal: Signal) {
    let workspace = Workspace::new();
    for moment in &MOMENTS {
        moment.before.make(&workspace);
        let (status, said) = moment.send(&workspace, signal);
        if signal == Signal::INT {
            assert_eq!(status.code(), Some(130), "{}:\n{said}", moment.what);
            assert_named(&workspace, &said);
        }
        assert_up(&workspace.up_json(&["--with-samples"]), &[]);
        workspace.assert_routes();
        // The stand-ins and the watch; the node and the router.
        assert_eq!((workspace.processes().len(), workspace.containers().len()), (5, 2), "{}", moment.what);
    }
    workspace.call(&["down"]).run().exits(0);
    workspace.assert_gone();
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn an_interrupted_up_names_what_runs_and_is_continued() {
    at_each_moment(Signal::INT);
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn a_killed_up_is_continued() {
    at_each_moment(Signal::KILL);
}
