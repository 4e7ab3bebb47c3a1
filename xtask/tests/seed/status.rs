//! What `status` says of the release on the branch.

use std::fs;

use serde_json::{Value, json};

use crate::bed::Bed;
use crate::fixture::processes;

#[test]
fn without_a_release_it_is_up_in_part_only() {
    let bed = Bed::new();
    bed.put("bad.tgz", "no archive");
    bed.platform.xtask(["up", "-q", "--tarball", "bad.tgz"]).run().exits(1);
    let told = bed.platform.xtask(["status"]).run().exits(3);
    assert!(told.text().contains("\nstate: up in part only\n"), "{}", told.text());
    let none = "\nrelease: nothing is on `main` of `.xtask/local/repositories/argocd/edge-manageability-framework.git`\n";
    assert!(told.text().contains(none), "{}", told.text());
    let told = told.stderr("error: the platform is up in part only\nhelp: run `cargo xtask up` to mend it\n");
    drop(told);
    let status = bed.platform.xtask(["status", "--format", "json"]).run().exits(3).json();
    assert_eq!((&status["state"], &status["release"]["commit"]), (&json!("partial"), &Value::Null));
    bed.platform.json(["up"]);
    let status = bed.platform.json(["status"]);
    assert_eq!(status["state"], "up");
    let release = json!({
        "repository": "`.xtask/local/repositories/argocd/edge-manageability-framework.git`",
        "branch": "main",
        "commit": bed.head(),
        "version": "0.1.0-sample",
        "digest": bed.platform.json(["gitea", "status"])["head"]["release"]["digest"],
        "error": null,
    });
    assert_eq!(status["release"], release);
    assert_eq!(release["digest"].as_str().unwrap().len(), 64, "{release}");
}

#[test]
fn a_release_need_not_have_a_version_and_a_commit_need_not_be_a_release() {
    let bed = Bed::up();
    fs::create_dir(bed.root().join("tree")).unwrap();
    fs::write(bed.root().join("tree/file"), "content\n").unwrap();
    let there = |what: &str| {
        let told = bed.platform.xtask(["status"]).run().exits(0);
        assert!(told.text().contains(&format!("\nrelease: {what} is on `main` of ")), "{}", told.text());
    };
    bed.platform.json(["gitea", "seed", "--tree", "tree"]);
    there("a release without a version");
    bed.person_commits("file", "mine\n");
    there("a commit that is no release");
    assert_eq!(bed.platform.json(["status"])["release"]["digest"], Value::Null);
}

#[test]
fn a_branch_that_cannot_be_read_is_no_release() {
    let bed = Bed::up();
    fs::remove_dir_all(bed.repository().join("objects")).unwrap();
    let told = bed.platform.xtask(["status"]).run().exits(3);
    let line = "\nrelease: what is on `main` of `.xtask/local/repositories/argocd/edge-manageability-framework.git` cannot be told\n";
    assert!(told.text().contains(line), "{}", told.text());
    assert!(told.text().contains("\nstate: up in part only\n"), "{}", told.text());
}

#[test]
fn where_nothing_runs_the_branch_does_not_say_otherwise() {
    let bed = Bed::up();
    processes::daemons(bed.root()).into_iter().for_each(processes::kill);
    let down = |path: Option<&str>| {
        let status = |args: &[&str]| {
            let call = bed.platform.xtask(["status"].iter().chain(args).copied());
            if let Some(path) = path { call.env("PATH", path) } else { call }.run().exits(3)
        };
        let nothing = "profile: local, the default\nnothing runs; `cargo xtask up` brings it up\n";
        let told = status(&[]).stdout(nothing);
        assert!(told.errors().starts_with("error: "), "{}", told.errors());
        let answer = status(&["--format", "json"]).json();
        assert_eq!(answer["state"], "down");
        assert!(answer["release"]["error"].is_string(), "{answer:#}");
    };
    down(Some("/nonexistent"));
    fs::remove_dir_all(bed.repository().join("objects")).unwrap();
    down(None);
}
