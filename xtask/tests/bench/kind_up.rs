//! `bench kind-up`, as far as it goes without kind.

use snapbox::str;

use crate::support::{Checkout, Ran};

/// Where no Docker is.
const NOWHERE: &str = "unix:///nonexistent/docker.sock";

fn bench(args: &[&str]) -> (Checkout, Ran) {
    let checkout = Checkout::new();
    let ran = checkout.xtask(["bench", "kind-up"].iter().chain(args)).env("DOCKER_HOST", NOWHERE).run();
    (checkout, ran)
}

#[test]
fn a_dry_run_makes_nothing() {
    let (checkout, ran) = bench(&["--dry-run"]);
    ran.exits(0).stderr("").stdout(str![[r"
would make a cluster with `kind up`, and stop it: the others have its configuration and its network
would run `kind create cluster --name xtask-bare-[..] --kubeconfig [ROOT]/.xtask/bench.kind-up/bare.kubeconfig --config [ROOT]/.xtask/bench.kind-up/bare.yaml` 3 times
would run `kind create cluster --name xtask-bare-[..] --kubeconfig [ROOT]/.xtask/bench.kind-up/bare.kubeconfig --config [ROOT]/.xtask/bench.kind-up/bare.yaml --wait 5m` 3 times
would run `kind delete cluster --name xtask-bare-[..] --kubeconfig [ROOT]/.xtask/bench.kind-up/bare.kubeconfig` after each of them
would run `kind up` 3 times where there is no cluster, again, and after its nodes were stopped; then `kind down`
would remove all of that, and `[ROOT]/.xtask/bench.kind-up`

"]]);
    assert!(!checkout.root().join(".xtask").exists());
}

#[test]
fn it_is_measured_as_often_as_asked() {
    let times = |args: &[&str]| {
        let (_, ran) = bench(&[&["--dry-run", "--format", "json"], args].concat());
        ran.exits(0).text().lines().nth(4).unwrap().split_once("where").unwrap().0.to_owned()
    };
    let expected = |times: &str| format!("{{\"schema\":1,\"would\":\"run `kind up` {times} ");
    assert_eq!(times(&["--quick"]), expected("once"));
    assert_eq!(times(&["--quick", "--rounds", "2"]), expected("2 times"));
}

#[test]
fn rounds_are_bounded() {
    let (_, ran) = bench(&["--rounds", "101"]);
    let ran = ran.exits(2);
    assert!(ran.errors().contains("1..=100"), "{}", ran.errors());
}

#[test]
fn an_override_that_does_not_fit_is_told_at_once() {
    let (checkout, ran) = bench(&["--set", "kind.workers=many"]);
    let ran = ran.exits(2);
    assert!(ran.errors().contains("kind.workers"), "{}", ran.errors());
    assert!(!checkout.root().join(".xtask").exists());
}

/// Where something is missing it fails as `kind up` itself does.
#[test]
fn what_is_missing_is_told_as_kind_up_tells_it() {
    let (checkout, ran) = bench(&[]);
    let ran = ran.exits(3).stdout("");
    let own = checkout.xtask(["kind", "up", "--profile", "coder"]).env("DOCKER_HOST", NOWHERE).run().exits(3);
    let error = own.errors().split_once("error: ").unwrap().1.to_owned();
    assert!(error.contains(NOWHERE), "{error}");
    assert!(ran.errors().ends_with(&format!("error: {error}")), "{}", ran.errors());
    assert!(!checkout.root().join(".xtask/bench.kind-up").exists());
}
