//! `bench router`, with the real load generator, `bench router-start`,
//! `bench seed`, and `bench kind-up` as far as it goes without kind.
//!
//! What the first three need is built in the workspace. The first two are measured
//! there, too, in turns; its platforms are not touched.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests panic, and read the environment")]

#[path = "../fixture/mod.rs"]
mod fixture;
mod kind_up;
mod router;
mod router_start;
mod seed;
mod seed_ended;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{env, thread};

use procfs::process::{Process, all_processes};
use serde_json::Value;
use support::{Call, Checkout};

/// Held by a test from its call to its look at what the call left.
static TURN: Mutex<()> = Mutex::new(());

fn take_turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A short measurement, with `folders` before those of `PATH`.
fn short(checkout: &Checkout, target: &str, folders: impl IntoIterator<Item = PathBuf>) -> Call {
    let args = ["bench", target, "--quick", "--rounds", "1", "--timeout", "10m"];
    in_workspace(checkout, &args).env("PATH", path_after(folders)).within(Duration::from_mins(15))
}

/// A call that builds what it needs in the workspace, and answers in JSON.
fn in_workspace(checkout: &Checkout, args: &[&str]) -> Call {
    checkout
        .xtask(args.iter().chain(&["--format", "json"]))
        .env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR"))
        .env("HOME", env::var_os("HOME").unwrap())
}

/// `PATH` with `folders` before its own.
fn path_after(folders: impl IntoIterator<Item = PathBuf>) -> OsString {
    let path = env::var_os("PATH").unwrap();
    env::join_paths(folders.into_iter().chain(env::split_paths(&path))).unwrap()
}

fn names<'a>(values: &'a Value, key: &str) -> Vec<&'a str> {
    values.as_array().unwrap().iter().map(|value| value[key].as_str().unwrap()).collect()
}

/// The processes that `pid` started, and those that they did.
fn descendants(pid: u32) -> BTreeSet<i32> {
    let parents: Vec<(i32, i32)> = all_processes()
        .unwrap()
        .filter_map(|process| process.ok()?.stat().ok())
        .map(|stat| (stat.pid, stat.ppid))
        .collect();
    let mut found = BTreeSet::from([i32::try_from(pid).unwrap()]);
    loop {
        let known = found.len();
        found.extend(
            parents
                .iter()
                .filter(|(_, parent)| found.contains(parent))
                .map(|(pid, _)| *pid)
                .collect::<Vec<_>>(),
        );
        if found.len() == known {
            found.remove(&i32::try_from(pid).unwrap());
            return found;
        }
    }
}

/// A process whose lock is free may still be on its way out.
fn wait_for_the_end_of(pids: &BTreeSet<i32>) {
    let is_left = |pid: &&i32| Process::new(**pid).is_ok_and(|it| it.is_alive());
    wait_until(|| pids.iter().find(is_left).map_or(Ok(()), |pid| Err(format!("process {pid} is left"))));
}

/// Waits until it is so; else what it says last is why the test fails.
#[track_caller]
fn wait_until(so: impl Fn() -> Result<(), String>) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while let Err(why) = so() {
        assert!(Instant::now() < deadline, "{why}");
        thread::sleep(Duration::from_millis(10));
    }
}
