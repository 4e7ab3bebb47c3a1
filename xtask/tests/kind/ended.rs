//! Calls of `kind up` that come to an early end: somebody ends them, the time
//! is up, or a program that is needed is not there.

use rustix::process::Signal;

use crate::own::{assert_nothing, kind, script, signal_in_init, up_with};
use crate::workspace::Workspace;

/// A signal as kubeadm runs in the node; kind itself would leave that.
fn interrupted_by(signal: Signal) {
    let workspace = Workspace::new();
    let call = up_with(&workspace, "slow-init", &[]).spawn();
    signal_in_init(&workspace, &call, signal);
    let output = call.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(130), &b""[..]), "{said}");
    assert!(said.ends_with("error: interrupted; nothing is left of the cluster\n"), "{said}");
    assert_nothing(&workspace);
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn the_user_interrupts() {
    interrupted_by(Signal::INT);
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn the_program_is_asked_to_end() {
    interrupted_by(Signal::TERM);
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn the_time_is_up_in_the_middle() {
    let workspace = Workspace::new();
    up_with(&workspace, "slow-init", &["--timeout", "15s"]).run().exits(4).stdout("").stderr(
        "...\nerror: the time was up while kind was [..]\nhelp: give it more time with `--timeout`\n",
    );
    assert_nothing(&workspace);
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn programs_that_are_needed() {
    let workspace = Workspace::new();
    let bin = workspace.root().join("bin");
    std::fs::create_dir(&bin).unwrap();
    let ran = kind(&workspace, &["up"]).env("PATH", &bin).run().exits(3).stdout("");
    ran.stderr("error: the program `kind` is not in PATH\nhelp: install it with `go install sigs.k8s.io/kind@[..]`, or [..]\n");
    for (said, told) in [
        (
            "kind v0.26.0 go1.23 linux/amd64",
            "is kind 0.26.0, and the profile needs 0.27.0 or newer, before 0.40.0",
        ),
        (
            "kind v0.40.0 go1.23 linux/amd64",
            "is kind 0.40.0, and the profile needs 0.27.0 or newer, before 0.40.0",
        ),
        ("something else", "does not tell the version of kind"),
    ] {
        script(&bin.join("kind"), &format!("echo {said}"));
        let ran = kind(&workspace, &["up"]).env("PATH", &bin).run().exits(3).stdout("");
        ran.stderr(format!("...\nerror: `[ROOT]/bin/kind` {told}\nhelp: install it with [..]\n"));
    }
    for verb in ["up", "down", "status"] {
        let nowhere = workspace.root().join("no-docker.sock");
        let host = format!("unix://{}", nowhere.display());
        let ran = kind(&workspace, &[verb]).env("DOCKER_HOST", host).run().exits(3).stdout("");
        assert!(ran.errors().contains("no-docker.sock"), "{}", ran.errors());
    }
    assert_nothing(&workspace);
}
