//! `doctor`, on machines that lack something.
#![allow(clippy::unwrap_used, reason = "tests panic")]

mod support;

use std::net::TcpListener;
use std::os::unix::fs::symlink;

use serde_json::json;
use snapbox::str;
use support::Checkout;

#[test]
fn a_good_machine() {
    Checkout::new().xtask(["doctor"]).run().exits(0).stderr("").stdout(str![[r"
profile: local, the default
✓ profile          `local` is valid, with 5 routes
✓ state directory  `[ROOT]/.xtask/local` can be written, with [..] MiB free of 64 needed
✓ sockets          `[ROOT]/.xtask/local/router.sock` is short enough for the kernel
✓ loopback         ports can be bound on `127.0.0.1`
✓ git              `[..]git` [..]
✓ listeners        the router can listen on a free port of 127.0.0.1 (https) and a free port of 127.0.0.1 (raw)
✓ open files       at most [..] connections at one time
✓ process table    `/proc` is mounted
8 good, 0 could be better, 0 missing

"]]);
}

#[test]
fn json() {
    let checkout = Checkout::new();
    let told = checkout.xtask(["doctor", "--format", "json"]).run().exits(0).stderr("").json();
    assert_eq!((&told["schema"], &told["command"]), (&json!(1), &json!("doctor")));
    assert_eq!(told["profile"], json!({ "name": "local", "source": "default" }));
    assert_eq!((&told["missing"], &told["warnings"]), (&json!(0), &json!(0)));
    let first = json!({
        "name": "profile",
        "state": "good",
        "found": "`local` is valid, with 5 routes",
        "why": "everything is read from it",
        "mend": null,
    });
    assert_eq!(told["findings"][0], first);
}

#[test]
fn it_leaves_nothing() {
    let checkout = Checkout::new();
    checkout.xtask(["doctor"]).run().exits(0);
    assert!(!checkout.root().join(".xtask").exists());
}

#[test]
fn a_port_that_is_taken_names_who_has_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let port = format!("router.ports.https={}", address.port());
    let ran = Checkout::new().xtask(["doctor", "--set", &port]).run().exits(3);
    let pid = std::process::id();
    let found = format!("✗ listeners        cannot listen on `{address}`: process {pid} (");
    assert!(ran.text().contains(&found), "{}", ran.text());
    ran.stdout(str![[r"
...
    why: the router takes connections there
    help: end that process, or choose another port: `--set router.ports.https=8443`
...
7 good, 0 could be better, 1 missing

"]])
        .stderr(str![[r"
error: profile `local` cannot be brought up here: `listeners`
help: mend what is said above, then run `cargo xtask doctor` again

"]]);
}

#[test]
fn a_profile_that_does_not_exist() {
    let ran = Checkout::new().xtask(["doctor"]).env("XTASK_PROFILE", "lokal").run().exits(3);
    ran.stdout(str![[r"
profile: lokal, from XTASK_PROFILE
✗ profile          there is no profile `lokal`; did you mean `local`?
    why: everything is read from it
    help: choose one of `aws`, `coder`, `local`, `onprem`
...
3 good, 0 could be better, 1 missing

"]]);
}

#[test]
fn few_open_files_are_a_warning() {
    let ran = Checkout::new().xtask(["doctor"]).after("ulimit -n 1024").run().exits(0).stderr("");
    ran.stdout(str![[r"
...
! open files       at most 384 connections at one time
    why: each connection takes two
    help: run `ulimit -n 20000` in a shell that may, before `up`
...
7 good, 1 could be better, 0 missing

"]]);
}

#[test]
fn a_long_path_sends_sockets_elsewhere() {
    let checkout = Checkout::new();
    let deep = checkout.root().join("d".repeat(100));
    std::fs::create_dir(&deep).unwrap();
    symlink(checkout.root().join("profiles"), deep.join("profiles")).unwrap();
    let call = checkout.xtask(["doctor"]).env("CARGO_MANIFEST_DIR", deep.join("xtask"));
    call.env("XDG_RUNTIME_DIR", checkout.root()).run().exits(0).stdout(str![[r"
...
✓ sockets          the workspace's path is too long for them, so they go to `[ROOT]/xtask-[..]`
...
"]]);
}

#[test]
fn a_profile_without_a_router_needs_its_cluster() {
    let (checkout, kube) = (Checkout::new(), fake_kube::FakeKube::start());
    checkout.write("kubeconfig", &kube.kubeconfig());
    let doctor = ["doctor", "--profile", "onprem", "--kubeconfig", "kubeconfig"];
    checkout.xtask(doctor).run().exits(0).stderr("").stdout(str![[r"
profile: onprem, from --profile
✓ profile          `onprem` is valid, with 5 routes
✓ state directory  [..]
✓ sockets          [..]
✓ cluster          it answers, and has 0 of the 5 services that routes name
✓ process table    `/proc` is mounted
5 good, 0 could be better, 0 missing

"]]);
    let ran = checkout.xtask(["doctor", "--profile", "onprem"]).run().exits(3);
    assert!(ran.text().contains("✗ cluster          there is no kubeconfig\n"), "{}", ran.text());
}
