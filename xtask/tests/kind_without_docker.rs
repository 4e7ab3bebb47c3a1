//! What `kind` says before there is a Docker.
#![allow(clippy::unwrap_used, reason = "tests panic")]

mod support;

use snapbox::str;
use support::{Call, Checkout};

/// A call for the profile with kind, where no Docker is.
fn kind(checkout: &Checkout, args: &[&str]) -> Call {
    let call = checkout.xtask(["--profile", "coder", "kind"].iter().chain(args));
    call.env("DOCKER_HOST", format!("unix://{}", checkout.root().join("docker.sock").display()))
}

#[test]
fn a_profile_without_kind_is_refused() {
    for verb in ["up", "down", "status", "render", "kubeconfig"] {
        let ran = Checkout::new().xtask(["--profile", "local", "kind", verb]).run().exits(2);
        ran.stdout("").stderr(
            "error: profile `local` has no cluster that kind makes\nhelp: choose one that has: `--profile coder`\n",
        );
    }
}

#[test]
fn docker_is_needed_and_nothing_is_left_without() {
    let checkout = Checkout::new();
    for args in [&["up"][..], &["up", "--dry-run"], &["down"], &["status"]] {
        kind(&checkout, args).run().exits(3).stdout("").stderr(str![[r"
error: Docker does not answer at `unix://[ROOT]/docker.sock`
cause: No such file or directory (os error 2)
help: start it, or choose another with DOCKER_HOST or `docker context use NAME`

"]]);
    }
    let left = std::fs::read_dir(checkout.root().join(".xtask")).unwrap().count();
    assert_eq!(left, 0);
}

#[test]
fn the_cluster_of_somebody_else_is_not_worked_in() {
    let checkout = Checkout::new();
    for words in [&["up"][..], &["up", "--dry-run"], &["kind", "up"]] {
        for named in [["--context", "production"], ["--kubeconfig", "production.yaml"]] {
            let call = checkout.xtask(["--profile", "coder"].iter().chain(words).chain(&named));
            call.run().exits(2).stdout("").stderr(
                "error: this makes the cluster of profile `coder`, and works in no other\n\
                 help: leave out `--context` and `--kubeconfig`\n",
            );
        }
    }
    assert!(!checkout.root().join(".xtask").exists());
}

#[test]
fn a_cluster_is_not_looked_for_in_another_docker() {
    let checkout = Checkout::new();
    checkout.write(".xtask/coder/kind/docker", "unix:///made/in.sock");
    for verb in ["up", "down", "status"] {
        kind(&checkout, &[verb]).run().exits(5).stdout("").stderr(str![[r"
error: the cluster was made in the Docker at `unix:///made/in.sock`, not at `unix://[ROOT]/docker.sock`
help: stop it there first: `DOCKER_HOST=unix:///made/in.sock cargo xtask kind down`; if that Docker is gone for good, remove `.xtask/coder/kind/docker`

"]]);
    }
    assert!(checkout.root().join(".xtask/coder/kind/docker").exists());
}

#[test]
fn what_only_the_profile_could_take_down_is_told() {
    let checkout = Checkout::new();
    checkout.write(".xtask/coder/kubeconfig", "");
    checkout.write("profiles/coder.toml", "typo = 1\n");
    let ran = checkout.xtask(["down", "--profile", "coder"]).run().exits(1).stdout("");
    assert!(
        ran.errors()
            .contains("error: profile `coder` is not wholly down: its cluster may be left in Docker\n"),
        "{}",
        ran.errors()
    );
    assert!(checkout.root().join(".xtask/coder/kubeconfig").exists());
}

#[test]
fn the_configuration_is_printed_without_docker() {
    let checkout = Checkout::new();
    let text = kind(&checkout, &["render"]).run().exits(0).stderr("");
    let answer = kind(&checkout, &["render", "--format", "json"]).run().exits(0).stderr("").json();
    assert_eq!(answer["config"], text.text());
    let cluster = answer["cluster"].as_str().unwrap();
    assert!(cluster.starts_with("xtask-coder-") && text.text().contains(&format!("name: \"{cluster}\"")));
    assert!(!checkout.root().join(".xtask").exists());
}

#[test]
fn there_is_no_kubeconfig_before_there_is_a_cluster() {
    kind(&Checkout::new(), &["kubeconfig"]).run().exits(3).stdout("").stderr(
        "error: there is no kubeconfig of the cluster `xtask-coder-[..]`\n\
         help: make the cluster with `cargo xtask kind up`\n",
    );
}

#[test]
fn a_kubeconfig_is_printed_as_it_is_but_not_to_programs() {
    let checkout = Checkout::new();
    checkout.write(".xtask/coder/kubeconfig", "users:\n- user:\n    client-key-data: c2VjcmV0\n");
    let text = checkout.read(".xtask/coder/kubeconfig");
    kind(&checkout, &["kubeconfig"]).run().exits(0).stdout(text).stderr("");
    let answer = kind(&checkout, &["kubeconfig", "--format", "json"]).run().exits(0);
    assert!(!answer.text().contains("c2VjcmV0"));
    assert!(answer.json()["file"].as_str().unwrap().ends_with(".xtask/coder/kubeconfig"));
}
