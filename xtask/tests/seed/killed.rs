//! Seedings that are cut off.

use std::fs;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::bed::Bed;
use crate::fixture::{processes, wait};
use crate::support::heard;

/// How often a seeding is killed.
const KILLS: u32 = 50;

/// Waits until no program of Git's is at work.
fn wait_for_git(bed: &Bed) {
    wait::until("Git's programs to end", || bed.programs().is_empty());
}

/// Whether a child has ended, within this time.
fn ends_within(child: &mut Child, time: Duration) -> bool {
    let deadline = Instant::now() + time;
    while Instant::now() < deadline {
        if child.try_wait().unwrap().is_some() {
            return true;
        }
        thread::sleep(Duration::from_micros(200));
    }
    false
}

#[test]
fn killed_at_any_moment_it_can_be_run_again() {
    let bed = Bed::new();
    let mut whole = time_of(|| drop(bed.seeded(&bed.large_release("0", 3))));
    let (mut number, mut killed) = (0, 0);
    while killed < KILLS {
        number += 1;
        assert!(number <= 10 * KILLS, "it ends too soon to be killed: {killed} of {number} times");
        let version = number.to_string();
        let release = bed.large_release(&version, 3);
        let before = bed.head();
        let mut seeding = bed.seed(&release).spawn();
        // Every moment of it, in an order without order.
        let moment = whole * (number * 37 % KILLS) / KILLS;
        let start = Instant::now();
        if ends_within(&mut seeding, moment) {
            whole = start.elapsed();
        } else {
            seeding.kill().unwrap();
            killed += 1;
        }
        seeding.wait().unwrap();
        wait_for_git(&bed);
        is_whole_or_as_before(&bed, &version, before.as_deref());
        let again = bed.seeded(&release);
        assert_eq!(again["head"].as_str().map(str::to_owned), bed.head());
        assert_eq!(bed.subjects().len(), 1 + number as usize);
        fs::remove_file(release).unwrap();
    }
    bed.is_intact();
}

fn time_of(action: impl FnOnce()) -> Duration {
    let start = Instant::now();
    action();
    start.elapsed()
}

fn is_whole_or_as_before(bed: &Bed, version: &str, before: Option<&str>) {
    if bed.head().as_deref() == before {
        return;
    }
    assert_eq!(bed.subjects().last(), Some(&format!("Seed emf {version}")));
    assert_eq!(Some(bed.git(&["rev-parse", "main~1"]).trim()), before);
    let release = format!("{version}.tar");
    bed.platform.xtask(["gitea", "verify", "--tarball", &release]).run().exits(0);
}

/// A repository whose hook waits for what never comes.
fn stuck() -> (Bed, String, Option<String>) {
    let bed = Bed::new();
    bed.seeded(&bed.release("1", &[("README.md", "one\n")]));
    bed.hook("pre-receive", "echo waiting >\"$GIT_DIR\"/../waiting; exec sleep 1000");
    let head = bed.head();
    let release = bed.release("2", &[("README.md", "two\n")]);
    (bed, release, head)
}

/// Seeds until that hook waits.
fn stuck_seeding(bed: &Bed, release: &str) -> Child {
    let seeding = bed.seed(release).spawn();
    wait::until("the hook to run", || bed.repository().join("../waiting").exists());
    seeding
}

fn is_as_before(bed: &Bed, head: Option<&str>) {
    wait::until("all programs to end", || processes::at_home(bed.root()).is_empty());
    assert_eq!(bed.head().as_deref(), head);
    bed.is_intact();
    fs::remove_dir_all(bed.repository().join("hooks")).unwrap();
    bed.seeded("2.tgz");
    assert_eq!(bed.subjects(), ["Seed emf 1", "Seed emf 2"]);
}

#[test]
fn interrupted_it_leaves_no_program() {
    let (bed, release, head) = stuck();
    let seeding = stuck_seeding(&bed, &release);
    processes::signal(seeding.id(), Signal::INT);
    let ended = seeding.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    let told = "error: interrupted; `main` is as it was, or has the whole release\n\
                help: run the command again to go on\n";
    assert_eq!((ended.status.code(), said.as_str()), (Some(130), told));
    is_as_before(&bed, head.as_deref());
}

/// Whether a part of a push is in the repository, and not for good.
fn is_quarantined(bed: &Bed) -> bool {
    let entries = fs::read_dir(bed.repository().join("objects")).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name()).any(|name| name.as_encoded_bytes().starts_with(b"tmp_objdir"))
}

#[test]
fn who_waits_for_another_seeding_is_told_that_nothing_was_sent() {
    let (bed, release, head) = stuck();
    let seeding = stuck_seeding(&bed, &release);
    let pid = seeding.id();
    let waiting = format!("waiting for process {pid}, which works on this platform too");
    let still = format!(
        "{waiting}\nerror: process {pid} still holds `[ROOT]/.xtask/local.lock`; nothing was sent\n\
         help: wait for it to end, or give more time with `--timeout`\n"
    );
    let in_vain = bed.platform.xtask(["gitea", "seed", "--tarball", &release, "--timeout", "1s"]);
    in_vain.run().exits(4).stderr(still);
    let mut waits = bed.seed(&release).spawn();
    let mut told = heard(&mut waits);
    assert_eq!(told.next(), Some(waiting));
    processes::signal(waits.id(), Signal::INT);
    let said = ["error: interrupted; nothing was sent", "help: run the command again to go on"];
    assert_eq!(told.collect::<Vec<_>>(), said);
    assert_eq!(waits.wait().unwrap().code(), Some(130));
    processes::signal(pid, Signal::INT);
    assert_eq!(seeding.wait_with_output().unwrap().status.code(), Some(130));
    is_as_before(&bed, head.as_deref());
}

#[test]
fn interrupted_while_it_sends_it_leaves_nothing_behind() {
    let bed = Bed::new();
    let release = bed.large_release("1", 32);
    let mut seeding = bed.seed(&release).spawn();
    wait::until("the pack to be on its way", || is_quarantined(&bed));
    processes::signal(seeding.id(), Signal::INT);
    assert_eq!(seeding.wait().unwrap().code(), Some(130));
    wait_for_git(&bed);
    assert!(!is_quarantined(&bed));
    assert_eq!(bed.head(), None);
    bed.seeded(&release);
}

#[test]
fn whenever_its_time_is_up_it_leaves_nothing_behind() {
    let bed = Bed::new();
    let release = bed.large_release("1", 32);
    // Each a fifth later than the one before: a slower machine takes a few more.
    for time in std::iter::successors(Some(20), |time: &u64| Some(time + time / 5)) {
        let timeout = format!("{time}ms");
        let ran = bed.platform.xtask(["gitea", "seed", "--tarball", &release, "--timeout", &timeout]).run();
        wait_for_git(&bed);
        assert!(!is_quarantined(&bed), "after {timeout}");
        if bed.head().is_some() {
            break;
        }
        drop(ran.exits(4));
    }
    bed.seeded(&release);
    assert_eq!(bed.subjects(), ["Seed emf 1"]);
    bed.is_sound();
}

#[test]
fn a_hook_that_hangs_is_not_waited_for_beyond_the_time() {
    let (bed, _, head) = stuck();
    let call = bed.platform.xtask(["gitea", "seed", "--tarball", "2.tgz", "--timeout", "2s"]);
    let said = "error: the time was up; `main` is as it was, or has the whole release\n\
                help: give it more time with `--timeout`\n";
    call.within(Duration::from_mins(1)).run().exits(4).stdout("").stderr(said);
    is_as_before(&bed, head.as_deref());
}

#[test]
fn a_time_that_is_up_at_once() {
    let bed = Bed::new();
    bed.large_release("1", 3);
    for (source, name) in [("--tarball", "1.tar"), ("--tree", "release-sample")] {
        let call = bed.platform.xtask(["gitea", "seed", source, name, "--timeout", "1ms"]);
        let said = "error: [..]; nothing was sent\nhelp: give it more time with `--timeout`\n";
        call.run().exits(4).stdout("").stderr(said);
    }
    assert_eq!(bed.head(), None);
}
