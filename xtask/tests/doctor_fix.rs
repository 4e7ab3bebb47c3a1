//! `doctor --fix`: shown, asked, run, and looked at again.
#![allow(clippy::unwrap_used, reason = "tests panic")]

mod doctor_machine;
mod support;

use std::fs;
use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use doctor_machine::{Machine, finding, json_of};
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::json;
use snapbox::str;

/// What `--fix` would run, for this user.
fn as_root(command: &str) -> String {
    let sudo = if rustix::process::geteuid().is_root() { "" } else { "sudo -n " };
    format!("{sudo}{command}")
}

/// A machine on which packets are passed on after `sysctl`.
fn mendable() -> Machine {
    let machine = Machine::new();
    let file = machine.forwarding();
    let script = format!("case \"$*\" in *ip_forward=1) : > {} ;; esac; echo \"$*\"", file.display());
    machine.program("sysctl", &script);
    machine.program("modprobe", "exit 0");
    machine
}

#[test]
fn a_fix_is_shown_run_and_looked_at_again() {
    let machine = mendable();
    let before = json_of(&machine, &["kind"]);
    let forwarding = finding(&before, "forwarding");
    assert_eq!(forwarding["state"], json!("warning"));
    assert_eq!(forwarding["fix"], json!(["sudo sysctl -w net.ipv4.ip_forward=1"]));
    let ran = machine.doctor(&["kind", "--fix", "--yes"]).run();
    let command = format!("$ {}\n", as_root("sysctl -w net.ipv4.ip_forward=1"));
    assert!(ran.errors().contains(&command), "{}", ran.errors());
    assert!(
        ran.text().contains("✓ forwarding       packets of containers are passed on\n"),
        "{}",
        ran.text()
    );
}

#[test]
fn a_fix_that_fails_is_told() {
    let machine = mendable();
    machine.program("sysctl", "echo permission denied; exit 1");
    let ran = machine.doctor(&["kind", "--fix", "--yes"]).run().exits(1);
    let warning = format!(
        "warning: `{}` failed: exit status: 1; run `sudo sysctl -w net.ipv4.ip_forward=1` yourself\n",
        as_root("sysctl -w net.ipv4.ip_forward=1")
    );
    assert!(ran.errors().contains(&warning), "{}", ran.errors());
    let error = ran.errors().lines().find(|line| line.starts_with("error: ")).unwrap();
    assert!(error.ends_with("of `--fix` failed"), "{error}");
}

#[test]
fn a_dry_run_shows_what_a_fix_would_run() {
    let machine = mendable();
    let ran = machine.doctor(&["kind", "--fix", "--dry-run"]).run().exits(0).stderr("");
    let would = format!("would run `{}`\n", as_root("sysctl -w net.ipv4.ip_forward=1"));
    assert!(ran.text().contains(&would), "{}", ran.text());
    assert!(!machine.forwarding().exists());
}

#[test]
fn without_a_terminal_nothing_is_mended_unless_told_to() {
    let machine = mendable();
    machine.doctor(&["kind", "--fix"]).run().exits(2).stdout("").stderr(str![[r"
error: there is nobody to ask: run [..]sysctl -w net.ipv4.ip_forward=1`[..]?
help: give `--yes` to say yes beforehand

"]]);
    assert!(!machine.forwarding().exists());
}

/// Runs `doctor kind --fix` at a terminal where `answer` is typed once it asks;
/// what is on the screen.
#[allow(clippy::disallowed_methods, reason = "the program is started with a terminal")]
fn at_a_terminal(machine: &Machine, answer: &str) -> String {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let theirs = rustix::fs::open(&name, flags, Mode::empty()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(["doctor", "kind", "--fix", "--profile", "coder"]).current_dir(machine.checkout.root());
    command.env_clear().env("CARGO_MANIFEST_DIR", machine.checkout.root().join("xtask"));
    command.env("DOCKER_HOST", format!("unix://{}", machine.socket().display()));
    command.env("PATH", machine.programs()).stdin(theirs.try_clone().unwrap());
    let mut child = command.stdout(Stdio::null()).stderr(theirs).spawn().unwrap();
    // Its end of the terminal is open until the command is given another.
    command.stdin(Stdio::null()).stderr(Stdio::null());
    let mut terminal = fs::File::from(ours);
    let mut shown = String::new();
    let mut buffer = [0; 4096];
    let mut answered = false;
    // A terminal that nobody has any more is an error.
    while let Ok(count @ 1..) = terminal.read(&mut buffer) {
        shown += &String::from_utf8_lossy(&buffer[..count]);
        if !answered && shown.contains("[y/N] ") {
            terminal.write_all(format!("{answer}\n").as_bytes()).unwrap();
            answered = true;
        }
    }
    child.wait().unwrap();
    shown
}

#[test]
fn at_a_terminal_it_asks_first() {
    let (no, yes) = (mendable(), mendable());
    let shown = at_a_terminal(&no, "");
    let command = as_root("sysctl -w net.ipv4.ip_forward=1");
    assert!(shown.contains(&format!("`{command}`? [y/N] ")), "{shown}");
    assert!(!no.forwarding().exists());
    let shown = at_a_terminal(&yes, "yes");
    assert!(shown.contains(&format!("$ {command}\r\n")), "{shown}");
    assert!(yes.forwarding().exists());
}
