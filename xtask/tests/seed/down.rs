//! What `down` removes of the Git server, and what it does not.

use std::fs;

use serde_json::{Value, json};

use crate::bed::Bed;
use crate::fixture::{files, processes, wait};
use crate::support::heard;

#[test]
fn down_removes_repository_and_tarball() {
    let bed = Bed::up();
    let address = bed.platform.json(["gitea", "status"])["url"].as_str().unwrap().to_owned();
    bed.platform.xtask(["down", "-q"]).run().exits(0);
    let left: Vec<_> = files::below(&bed.root().join(".xtask")).into_keys().collect();
    assert!(left.is_empty(), "{left:?}");
    let folder = tempfile::tempdir().unwrap();
    assert!(!crate::bed::run_git(folder.path(), &["clone", "-q", &address, "."]).status.success());
    wait::until("all programs to end", || processes::at_home(bed.root()).is_empty());
}

/// Whatever the profile says of the Git server by now, or whether it can be read at all.
#[test]
fn down_asks_before_it_removes_a_persons_commit() {
    let bed = Bed::up();
    bed.person_commits("notes.txt", "mine\n");
    let calls: [&[&str]; 3] = [
        &["down"],
        &["down", "--set", "gitea.repository=argocd/another"],
        &["down", "--set", "gitea.engine=odd"],
    ];
    for call in calls {
        let told = bed.platform.xtask(call.iter().copied()).run().exits(5);
        let asked = "error: `.xtask/local/repositories/argocd/edge-manageability-framework.git` has a commit \
                     that is no release, and there is nobody to ask\n\
                     help: give `--yes` to remove it all the same\n";
        assert!(told.errors().ends_with(asked), "{}", told.errors());
        assert_eq!(bed.content("notes.txt"), "mine\n");
    }
    let asks = "would ask whether to remove `.xtask/local/repositories/argocd/edge-manageability-framework.git`, \
                which has a commit that is no release\n";
    let dry = bed.platform.xtask(["down", "--dry-run"]).run().exits(0);
    assert!(dry.text().starts_with(asks), "{}", dry.text());
    let dry = bed.platform.xtask(["down", "--dry-run", "--yes"]).run().exits(0);
    assert!(!dry.text().contains("would ask"), "{}", dry.text());
    bed.platform.xtask(["down", "--yes", "-q"]).run().exits(0);
    assert!(!bed.repository().exists());
}

/// Neither a name nor words alone make a commit a release.
#[test]
fn down_asks_before_it_removes_what_only_looks_like_a_release() {
    let bed = Bed::up();
    let release = bed.git(&["log", "-1", "--format=%B", "main"]);
    for (author, committer, message) in [
        ("Ada", "xtask", &*release),
        ("xtask", "Ada", &*release),
        ("xtask", "xtask", "Seed emf 1\n\nBy hand.\n"),
    ] {
        let before = bed.head().unwrap();
        let settings = [("author", author), ("committer", committer)].map(|(who, name)| {
            [format!("{who}.name={name}"), format!("{who}.email={}@localhost", name.to_lowercase())]
        });
        let settings: Vec<_> = settings.iter().flatten().flat_map(|setting| ["-c", setting]).collect();
        let commit = ["commit-tree", "main^{tree}", "-p", "main", "-m", message];
        let commit = bed.git(&[&settings[..], &commit].concat());
        bed.git(&["update-ref", "refs/heads/main", commit.trim()]);
        let told = bed.platform.xtask(["down"]).run().exits(5);
        assert!(told.errors().contains("has a commit that is no release"), "{author}: {}", told.errors());
        bed.git(&["update-ref", "refs/heads/main", &before]);
    }
    bed.platform.xtask(["down", "-q"]).run().exits(0);
}

#[test]
fn down_waits_for_who_seeds() {
    let bed = Bed::up();
    bed.hook("pre-receive", "touch ../waiting; while [ -d .. ] && [ ! -e ../go ]; do sleep 0.02; done");
    let folder = bed.repository().parent().unwrap().to_owned();
    let seeding = bed.seed(&bed.release("1", &[("README.md", "one\n")])).spawn();
    wait::until("the hook to run", || folder.join("waiting").exists());
    let mut down = bed.platform.xtask(["down"]).spawn();
    let mut told = heard(&mut down);
    let waiting = format!("waiting for process {}, which works on this platform too", seeding.id());
    assert_eq!(told.next(), Some(waiting));
    fs::write(folder.join("go"), "").unwrap();
    assert_eq!(seeding.wait_with_output().unwrap().status.code(), Some(0));
    told.for_each(drop);
    assert_eq!(down.wait().unwrap().code(), Some(0));
    assert!(!bed.repository().exists());
}

#[test]
fn tarballs_of_all_profiles_stay_and_are_named() {
    let bed = Bed::up();
    let tarballs = bed.root().join(".xtask/tarballs");
    fs::create_dir(&tarballs).unwrap();
    assert_eq!(bed.platform.json(["down"])["kept"], Value::Null);
    fs::write(tarballs.join("0123"), "fetched").unwrap();
    let nothing = "profile `local` is down: nothing is left\n\
                   fetched tarballs stay for all profiles: [ROOT]/.xtask/tarballs\n";
    bed.platform.xtask(["down", "-q"]).run().exits(0).stdout(nothing);
    assert_eq!(bed.platform.json(["down"])["kept"], json!(tarballs));
}
