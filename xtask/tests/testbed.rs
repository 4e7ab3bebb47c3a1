//! Servers for suites, with stand-ins for every program: what is built, when,
//! and what is said where a server cannot be had.
#![allow(clippy::unwrap_used, reason = "tests panic")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use snapbox::str;
use support::{Call, Checkout};

/// A checkout with the modules of what is built, and with stand-ins: an etcd
/// that ends at once, a Go that notes each build, a Docker without a daemon.
fn checkout() -> Checkout {
    let checkout = Checkout::new();
    for module in ["gitea", "kube-apiserver", "kind-node"] {
        for name in ["go.mod", "go.sum", "main.go"] {
            checkout.write(&format!("testbed/{module}/{name}"), name);
        }
    }
    program(&checkout, "busybox", "");
    program(&checkout, "cargo", "");
    program(&checkout, "etcd", "echo no room; exit 7");
    program(&checkout, "gcc", "");
    program(&checkout, "docker-registry", "");
    program(&checkout, "docker", "echo no daemon >&2; exit 1");
    program(&checkout, "traefik", "echo Version: 3.7.15");
    program(&checkout, "docker-compose", "echo docker-compose version 1.29.2, build x");
    let build = "test \"$1\" != version || { echo go1.26.2; exit; }\n\
                 echo build >> \"$0.log\"\n\
                 while test \"$1\" != -o; do shift; done\n\
                 echo server > \"$2\"";
    program(&checkout, "go", build);
    checkout
}

fn program(checkout: &Checkout, name: &str, script: &str) {
    checkout.write(&format!("bin/{name}"), &format!("#!/bin/sh\n{script}\n"));
    let path = checkout.root().join("bin").join(name);
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn xtask(checkout: &Checkout, args: &[&str]) -> Call {
    let path = format!("{}:/usr/bin:/bin", checkout.root().join("bin").display());
    checkout.xtask(args).env("PATH", path)
}

fn builds(checkout: &Checkout) -> usize {
    checkout.read("bin/go.log").lines().count()
}

#[test]
fn a_server_that_takes_minutes_is_built_when_asked_for() {
    let checkout = checkout();
    let ran = xtask(&checkout, &["test", "--dry-run"]).run().exits(0);
    ran.stdout(str![[r"
...
would skip `apiserver`: `kube-apiserver` is not built, which takes minutes: `cargo xtask test apiserver` builds it, or name a cluster for tests in XTASK_TEST_KUBECONFIG
...

"]]);
    let ran = xtask(&checkout, &["test", "--dry-run", "apiserver"]).run().exits(0);
    ran.stdout(str![[r"
would run `CGO_ENABLED=0 GOFLAGS='' GOTOOLCHAIN=local GOWORK=off [ROOT]/bin/go build [..] -o [ROOT]/.xtask/tools/kube-apiserver-v1.33.13-[..].partial .`
would start `[ROOT]/bin/etcd`
would start `[ROOT]/.xtask/tools/kube-apiserver-v1.33.13-[..]`
would run `XTASK_TEST_ETCD=[ROOT]/bin/etcd cargo test --locked --workspace --test api -- --ignored`

"]]);
}

#[test]
fn a_cluster_that_is_named_takes_its_place() {
    let checkout = checkout();
    let call = xtask(&checkout, &["test", "--dry-run", "apiserver"]);
    let ran = call.env("XTASK_TEST_KUBECONFIG", "/some/kubeconfig").run().exits(0).stderr("");
    ran.stdout("would run `cargo test --locked --workspace --test api -- --ignored`\n");
}

#[test]
fn a_gitea_is_built_when_asked_for() {
    let checkout = checkout();
    let ran = xtask(&checkout, &["test", "--dry-run"]).run().exits(0);
    ran.stdout(str![[r"
...
would skip `gitea`: `gitea` is not built, which takes minutes: `cargo xtask test gitea` builds it, or name one for tests in XTASK_TEST_GITEA_URL, with files of the certificate to trust in XTASK_TEST_GITEA_CA and of an administrator's token in XTASK_TEST_GITEA_TOKEN_FILE
...

"]]);
    let ran = xtask(&checkout, &["test", "--dry-run", "gitea"]).run().exits(0);
    ran.stdout(str![[r"
would run `CGO_ENABLED=1 GOFLAGS='' GOTOOLCHAIN=local GOWORK=off [ROOT]/bin/go build [..] -tags 'sqlite sqlite_unlock_notify' -o [ROOT]/.xtask/tools/gitea-v1.26.0-[..].partial .`
would start `[ROOT]/.xtask/tools/gitea-v1.26.0-[..]`
would run `XTASK_TEST_GO=[ROOT]/bin/go XTASK_TEST_GCC=[ROOT]/bin/gcc cargo test --locked --workspace --test gitea -- --ignored`

"]]);
}

#[test]
fn a_gitea_that_is_named_takes_its_place() {
    let checkout = checkout();
    let call = xtask(&checkout, &["test", "--dry-run", "gitea"]);
    let ran = call.env("XTASK_TEST_GITEA_URL", "https://gitea.example.com").run().exits(0).stderr("");
    ran.stdout("would run `cargo test --locked --workspace --test gitea -- --ignored`\n");
}

#[test]
fn a_server_is_built_once_and_anew_when_its_sources_change() {
    let checkout = checkout();
    let test = || xtask(&checkout, &["test", "apiserver"]).run().exits(1);
    test();
    test();
    assert_eq!(builds(&checkout), 1);
    checkout.write("testbed/kube-apiserver/go.sum", "other");
    test();
    assert_eq!(builds(&checkout), 2);
    let tools = fs::read_dir(checkout.root().join(".xtask/tools")).unwrap();
    assert_eq!(tools.count(), 1, "what the old sources made is gone");
}

#[test]
fn a_server_that_ends_fails_the_suite_and_its_log_is_named() {
    let checkout = checkout();
    let ran = xtask(&checkout, &["test", "apiserver"]).run().exits(1);
    ran.stdout(str![[r"
✗ apiserver  [..] s
  `etcd` ended before it was ready: exit status: 7; its log is `.xtask/testbed/etcd.log`
0 passed, 1 failed, 0 skipped

"]])
        .stderr(str![[r"
...
error: 1 of 1 failed: `apiserver`
help: look closer with `cargo xtask test apiserver`

"]]);
    assert_eq!(checkout.read(".xtask/testbed/etcd.log"), "no room\n");
}

#[test]
fn without_a_daemon_it_says_how_to_get_one() {
    let checkout = checkout();
    let ran = xtask(&checkout, &["test", "--dry-run", "docker"]).run().exits(0);
    ran.stdout(str![[r"
...
would skip `docker`: Docker does not answer: `systemctl start docker`, or `cargo xtask test --yes docker` as root, which runs a daemon of its own; `[ROOT]/bin/docker info` failed: exit status: 1: no daemon

"]]);
}

#[test]
fn a_daemon_that_answers_is_used() {
    let checkout = checkout();
    program(&checkout, "docker", "");
    let ran = xtask(&checkout, &["test", "--dry-run", "docker"]).run().exits(0);
    ran.stdout(str![[r"
...
would build `traefik:v3.7.15` of `[ROOT]/bin/traefik`
would run `XTASK_TEST_DOCKER=[ROOT]/bin/docker XTASK_TEST_DOCKER_REGISTRY=[ROOT]/bin/docker-registry XTASK_TEST_COMPOSE_V1=[ROOT]/bin/docker-compose XTASK_TEST_COMPOSE_V2=[..] XTASK_TEST_TRAEFIK=[ROOT]/bin/traefik cargo test --locked --workspace --test docker -- --ignored`

"]]);
}

#[test]
fn what_kind_takes_is_built_when_asked_for() {
    let checkout = checkout();
    program(&checkout, "docker", "");
    let ran = xtask(&checkout, &["test", "--dry-run"]).run().exits(0);
    ran.stdout(str![[r"
...
would skip `kind`: `kind` is not built, which takes minutes: `cargo xtask test kind` builds it
...

"]]);
    let ran = xtask(&checkout, &["test", "--dry-run", "kind"]).run().exits(0);
    ran.stdout(str![[r"
...
would run `CGO_ENABLED=0 GOFLAGS='' GOTOOLCHAIN=local GOWORK=off GOBIN=[ROOT]/.xtask/tools/kind-v0.33.0.partial [ROOT]/bin/go install [..] sigs.k8s.io/kind@v0.33.0`
would run `[..]GOBIN=[ROOT]/.xtask/tools/helm-v3.19.0.partial [ROOT]/bin/go install [..] helm.sh/helm/v3/cmd/helm@v3.19.0`
would run `[..][ROOT]/bin/go build [..] -o [ROOT]/.xtask/tools/kube-apiserver-v1.33.13-[..].partial .`
would run `[..]GOBIN=[ROOT]/.xtask/tools/controller-v0.15.2.partial [ROOT]/bin/go install [..] go.universe.tf/metallb/controller@v0.15.2`
would run `[..][ROOT]/bin/go build [..] -o [ROOT]/.xtask/tools/kind-node-v1.33.13-[..].partial .`
would build `traefik:v3.7.15` of `[ROOT]/bin/traefik`
would build `xtask-testbed-[..]/node:v1.33.13` of `[ROOT]/.xtask/tools/kind-node-v1.33.13-[..]`
would pack `testbed/metallb-chart`
would run `[..] cargo test --locked --workspace --test kind -- --ignored`

"]]);
}

#[test]
fn kind_and_helm_are_used_as_they_are_in_the_version_that_is_tested() {
    let checkout = checkout();
    program(&checkout, "docker", "");
    program(&checkout, "kind", "echo kind v0.33.0 go1.26.8 linux/amd64");
    let says = |version: &str| format!("echo 'version.BuildInfo{{Version:\"{version}\", GitCommit:\"\"}}'");
    let is_built = |package: &str| {
        let ran = xtask(&checkout, &["test", "--dry-run", "kind"]).run().exits(0);
        ran.text().contains(package)
    };
    program(&checkout, "helm", &says("v3.19.0"));
    assert!(!is_built("sigs.k8s.io/kind@") && !is_built("helm/v3/cmd/helm@"));
    program(&checkout, "helm", &says("v3.18.6"));
    assert!(is_built("helm/v3/cmd/helm@"));
    // Whatever goes by the name of MetalLB's controller is something else.
    program(&checkout, "controller", "");
    assert!(is_built("metallb/controller@"));
}
