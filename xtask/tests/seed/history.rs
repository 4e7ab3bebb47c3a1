//! What was there is never lost.

use serde_json::json;

use crate::bed::Bed;

#[test]
fn what_a_person_committed_stays() {
    let bed = Bed::new();
    bed.seeded(&bed.release("1.0.0", &[("README.md", "one\n"), ("old", "o\n")]));
    let person = bed.person_commits("README.md", "by hand\n");
    let answer = bed.seeded(&bed.release("2.0.0", &[("README.md", "two\n")]));
    assert_eq!(answer["parent"], json!(person));
    assert_eq!(bed.git(&["rev-parse", "main~1"]).trim(), person);
    assert_eq!(bed.git(&["show", &format!("{person}:README.md")]), "by hand\n");
    assert_eq!(bed.git(&["ls-tree", "-r", "--name-only", "main"]), "README.md\nVERSION\n");
    assert_eq!(bed.subjects().len(), 3);
    bed.is_sound();
}

#[test]
fn two_releases_in_turn() {
    let bed = Bed::new();
    let files = ["one\n", "two\n"].map(|text| [("README.md", text), ("same", "same\n")]);
    let releases = [bed.release("1.0.0", &files[0]), bed.release("2.0.0", &files[1])];
    let mut parent = json!(null);
    for round in 0..6 {
        let answer = bed.seeded(&releases[round % 2]);
        assert_eq!((&answer["committed"], &answer["parent"]), (&json!(true), &parent), "round {round}");
        assert_eq!(answer["head"], json!(bed.head()));
        parent = answer["head"].clone();
    }
    let trees = bed.git(&["log", "--format=%T", "main"]);
    let trees: Vec<_> = trees.lines().collect();
    assert!(trees.len() == 6 && trees[0] != trees[1] && trees[2..] == trees[..4], "{trees:?}");
    bed.is_sound();
}

#[test]
fn the_same_on_the_same_is_the_same_commit() {
    let heads = ["release.tgz", "another-name.tgz"].map(|name| {
        let bed = Bed::new();
        bed.seeded(&bed.release("1.0.0", &[("README.md", "one\n")]));
        let release = bed.release("2.0.0", &[("README.md", "two\n"), ("a/b", "b\n")]);
        std::fs::rename(release, bed.root().join(name)).unwrap();
        bed.seeded(name);
        let author = bed.git(&["log", "-1", "--format=%an <%ae> %aI %cn %cI", "main"]);
        assert_eq!(
            author,
            "xtask <xtask@localhost> 2023-11-14T22:13:20+00:00 xtask 2023-11-14T22:13:20+00:00\n"
        );
        bed.head().unwrap()
    });
    assert_eq!(heads[0], heads[1]);
}

#[test]
fn only_what_is_new_is_sent() {
    let bed = Bed::new();
    let large = "0123456789abcdef".repeat(1 << 14);
    let files = |text| [("large", large.as_str()), ("a/same", "s\n"), ("b/new", text)];
    bed.seeded(&bed.release("1.0.0", &files("one\n")));
    let answer = bed.seeded(&bed.release("1.0.1", &files("two\n")));
    // The commit, two trees, and the contents of `VERSION` and `b/new`.
    assert_eq!(answer["objects"], json!(5));
    assert!(answer["bytes_sent"].as_u64().unwrap() < 1000, "{answer:#}");
    bed.is_sound();
}

#[test]
fn nobody_deletes_or_rewrites() {
    let bed = Bed::new();
    bed.seeded(&bed.release("1.0.0", &[("README.md", "one\n")]));
    let head = bed.head();
    let folder = tempfile::tempdir().unwrap();
    let git = |args: &[&str]| crate::bed::run_git(folder.path(), args);
    let repository = bed.repository();
    assert!(git(&["clone", "-q", repository.to_str().unwrap(), "."]).status.success());
    let person = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
    let amend = [&person[..], &["commit", "-q", "--amend", "-m", "Another"]].concat();
    assert!(git(&amend).status.success());
    for push in [["push", "--force", "origin", "HEAD:main"], ["push", "origin", "--delete", "main"]] {
        let pushed = git(&push);
        let said = String::from_utf8_lossy(&pushed.stderr);
        assert!(!pushed.status.success() && said.contains("remote rejected"), "{said}");
    }
    assert_eq!(bed.head(), head);
}
