//! Calls that are killed, interrupted, or made side by side.
#![allow(clippy::unwrap_used, reason = "tests panic")]

mod fixture;
mod support;

use std::fs;
use std::process::{Child, ExitStatus};
use std::thread;
use std::time::Duration;

use rustix::process::Signal;

use fixture::connection::Service;
use fixture::impostor::Impostor;
use fixture::{NO_PROCESS, Platform, STAND_INS, files, processes, wait};
use support::heard;

/// Stand-ins and the router.
const DAEMONS: usize = STAND_INS.len() + 1;

/// Moments of `up`, which takes about 200 ms on an idle machine.
fn moments() -> impl Iterator<Item = Duration> {
    (0..10).map(|step| Duration::from_millis(step * 20))
}

/// Starts `up` and kills it some time later. The kernel tells nobody; daemons
/// that were on their way find out by themselves.
fn kill_up_after(platform: &Platform, delay: Duration) {
    let mut up = platform.xtask(["up", "-q"]).spawn();
    thread::sleep(delay);
    up.kill().unwrap();
    up.wait().unwrap();
}

#[track_caller]
fn ended(child: Child) -> (ExitStatus, String) {
    let output = child.wait_with_output().unwrap();
    (output.status, String::from_utf8(output.stderr).unwrap())
}

#[test]
fn up_goes_on_where_a_killed_one_stopped() {
    for delay in moments() {
        let platform = Platform::new();
        kill_up_after(&platform, delay);
        let up = platform.json(["up"]);
        assert_eq!(up["check"]["wrong"], 0, "after {delay:?}");
        assert_eq!(processes::daemons(platform.root()).len(), DAEMONS, "after {delay:?}");
    }
}

#[test]
fn down_cleans_up_after_a_killed_up() {
    for delay in moments() {
        let platform = Platform::new();
        kill_up_after(&platform, delay);
        platform.xtask(["down", "-q"]).run().exits(0).stdout("profile `local` is down: nothing is left\n");
        wait::until("daemons without a starter to end", || processes::daemons(platform.root()).is_empty());
        let left: Vec<_> = files::below(&platform.root().join(".xtask")).into_keys().collect();
        assert!(left.is_empty(), "after {delay:?}: {left:?}");
    }
}

#[test]
fn an_interrupt_ends_up_and_names_what_still_runs() {
    let platform = Platform::new();
    // While `up` waits for an answer that does not come, the others are made.
    let gitea = Impostor::new(&platform, "gitea");
    let mut up = platform.xtask(["up"]).spawn();
    let asked = gitea.request();
    let mut stderr = heard(&mut up);
    let others = ["argo", "boots", "orchestrator"];
    let made = |said: &[String], name| said.iter().any(|line| line.starts_with(&format!("✓ {name} ")));
    let mut said: Vec<String> = Vec::new();
    while !others.iter().all(|name| made(&said, name)) {
        said.push(stderr.next().unwrap());
    }
    processes::signal(up.id(), Signal::INT);
    said.extend(stderr);
    assert_eq!(up.wait().unwrap().code(), Some(130), "{said:?}");
    let expected = [
        "error: interrupted; still running: argo, boots, gitea, orchestrator",
        "help: run `cargo xtask up` to go on, or `cargo xtask down` to end them",
    ];
    assert!(said.ends_with(&expected.map(str::to_owned)), "{said:?}");
    assert_eq!(processes::daemons(platform.root()).len(), others.len());
    drop(asked);
}

#[test]
fn two_at_once_make_one_platform() {
    let platform = Platform::new();
    let calls = [(); 2].map(|()| platform.xtask(["up"]).spawn());
    for (status, stderr) in calls.map(ended) {
        assert_eq!(status.code(), Some(0), "{stderr}");
    }
    assert_eq!(processes::daemons(platform.root()).len(), DAEMONS);
    assert_eq!(platform.json(["status"])["state"], "up");
}

#[test]
fn up_and_down_at_once_take_turns() {
    let platform = Platform::new();
    for _ in 0..3 {
        let calls = ["up", "down"].map(|target| platform.xtask([target]).spawn());
        for (status, stderr) in calls.map(ended) {
            assert_eq!(status.code(), Some(0), "{stderr}");
        }
        let daemons = processes::daemons(platform.root()).len();
        assert!(daemons == 0 || daemons == DAEMONS, "{daemons} daemons");
    }
}

#[test]
fn two_checkouts_do_not_disturb_each_other() {
    let platforms = [Platform::new(), Platform::new()];
    let calls = platforms.each_ref().map(|platform| platform.xtask(["up"]).spawn());
    for (status, stderr) in calls.map(ended) {
        assert_eq!(status.code(), Some(0), "{stderr}");
    }
    let [one, other] = &platforms;
    let before = processes::daemons(other.root());
    one.json(["down"]);
    assert_eq!(processes::daemons(one.root()), NO_PROCESS);
    assert_eq!(processes::daemons(other.root()), before);
    assert_eq!(other.json(["status"])["state"], "up");
}

#[test]
fn a_killed_stand_in_is_told_and_mended() {
    let (platform, _) = Platform::up();
    let service = Service::new();
    platform.json(["router", "start", "--backend", &service.backend("argo")]);
    let mut open = service.reached_through(platform.listener("https"), "argo.local.internal");
    platform.json(["router", "start"]);
    let (router, gitea) = (platform.pid("router"), platform.pid("gitea"));
    processes::kill(gitea);

    let in_part = "error: the platform is up in part only\nhelp: run `cargo xtask up` to mend it\n";
    let status = platform.xtask(["status"]).run().exits(3).stderr(in_part);
    let told = |line: &str| line.starts_with("gitea ") && line.ends_with(" not running");
    assert!(status.text().lines().any(told), "{}", status.text());
    let check = platform.xtask(["router", "check"]).run().exits(1).stderr(
        "error: 83 of 84 clients as they should be\nhelp: see which services run with `cargo xtask status`\n",
    );
    let seen = " closed, not Connection refused (os error 111) ";
    let told = |line: &str| line.contains(" gitea.local.internal ") && line.contains(seen);
    assert!(check.text().lines().any(told), "{}", check.text());

    assert_eq!(platform.json(["up"])["check"]["wrong"], 0);
    assert_ne!(platform.pid("gitea"), gitea);
    assert_eq!(platform.pid("router"), router);
    open.carries();
}

#[test]
fn a_call_waits_for_its_turn_and_can_be_interrupted() {
    let platform = Platform::new();
    let folder = platform.root().join(".xtask");
    fs::create_dir(&folder).unwrap();
    let lock = folder.join("local.lock");
    fs::write(&lock, std::process::id().to_string()).unwrap();
    let held = fs::File::open(&lock).unwrap();
    held.lock().unwrap();
    let us = std::process::id();
    let waiting = format!("waiting for process {us}, which works on this platform too");

    let stderr = format!(
        "{waiting}\nerror: process {us} still holds `[ROOT]/.xtask/local.lock`\n\
         help: wait for it to end, or give more time with `--timeout`\n"
    );
    platform.xtask(["up", "--timeout", "10ms"]).run().exits(4).stdout("").stderr(stderr);

    let mut up = platform.xtask(["up"]).spawn();
    let mut stderr = heard(&mut up);
    assert_eq!(stderr.next(), Some(waiting.clone()));
    processes::signal(up.id(), Signal::INT);
    assert_eq!(stderr.collect::<Vec<_>>(), ["error: interrupted"]);
    assert_eq!(up.wait().unwrap().code(), Some(130));

    let mut up = platform.xtask(["up"]).spawn();
    let mut stderr = heard(&mut up);
    assert_eq!(stderr.next(), Some(waiting));
    drop(held);
    assert!(stderr.any(|line| line.starts_with("✓ routes ")));
    assert_eq!(up.wait().unwrap().code(), Some(0));
}

#[test]
fn daemons_that_cannot_be_found_any_more_end() {
    let (platform, _) = Platform::up();
    fs::remove_dir_all(platform.root().join(".xtask")).unwrap();
    wait::until("the daemons to end", || processes::daemons(platform.root()) == NO_PROCESS);
    platform.json(["up"]);
}
