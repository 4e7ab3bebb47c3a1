//! `bench seed` that is ended before it is done.

use std::path::PathBuf;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::seed::{SHORT, assert_clean, over_https, with};
use crate::support::{Call, Checkout, heard};
use crate::{descendants, path_after, wait_for_the_end_of, wait_until};

/// A program that says nothing and does not end; first it leaves a file beside it.
const FOREVER: &str = "#!/bin/sh\n: > \"$0.runs\"\nexec sleep 600\n";

#[test]
fn an_interrupt_leaves_nothing() {
    let checkout = Checkout::new();
    let call = checkout.xtask(SHORT);
    assert_that_an_interrupt_leaves_nothing(&checkout, call);
}

#[test]
fn an_interrupt_ends_the_server() {
    let checkout = Checkout::new();
    let call = over_https(&checkout, "emf");
    assert_that_an_interrupt_leaves_nothing(&checkout, call);
}

/// Interrupts it while tar runs, which has no end of its own.
#[track_caller]
fn assert_that_an_interrupt_leaves_nothing(checkout: &Checkout, call: Call) {
    let bin = with(checkout, "tar", FOREVER);
    let mut child = call.env("PATH", path_after([bin.clone()])).spawn();
    let mut lines = heard(&mut child);
    assert!(lines.any(|line| line.contains("round 1 of 1")));
    wait_until(|| if bin.join("tar.runs").exists() { Ok(()) } else { Err("tar is not run".to_owned()) });
    assert!(checkout.root().join(".xtask/bench.seed").exists());
    let ours = descendants(child.id());
    assert!(!ours.is_empty());
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let rest: Vec<String> = lines.collect();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest:?}");
    assert_clean(checkout);
    wait_for_the_end_of(&ours);
}

/// A measurement with a server that never says where it is; and the file that
/// is there when it runs.
fn without_a_first_line(checkout: &Checkout, limit: &str) -> (Call, PathBuf) {
    let bin = with(checkout, "server", FOREVER);
    let server = bin.join("server");
    let built = format!("#!/bin/sh\necho '{}'\n", json!({ "executable": server }));
    with(checkout, "cargo", &built);
    let call = checkout.xtask(["bench", "seed", "--input", "emf", "--over", "https", "--timeout", limit]);
    (call.env("PATH", path_after([bin])), server.with_extension("runs"))
}

#[test]
fn a_server_that_does_not_begin_is_waited_for_as_long_as_was_said() {
    let checkout = Checkout::new();
    let (call, _) = without_a_first_line(&checkout, "2s");
    let told = call.run().exits(4).stdout("");
    assert!(!told.errors().contains("has ended"), "{}", told.errors());
    assert_clean(&checkout);
}

#[test]
fn an_interrupt_ends_the_wait_for_a_server() {
    let checkout = Checkout::new();
    let (call, runs) = without_a_first_line(&checkout, "1h");
    let child = call.spawn();
    wait_until(|| if runs.exists() { Ok(()) } else { Err("the server is not run".to_owned()) });
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(130), "{said}");
    assert!(said.contains("\nerror: interrupted\n"), "{said}");
    assert_clean(&checkout);
}
