//! What `seed`, `verify` and `status` say to each other.

use serde_json::{Value, json};

use crate::archive::Archive;
use crate::bed::Bed;
use crate::fixture::files;

#[test]
fn a_fresh_checkout_is_seeded_without_up() {
    let bed = Bed::new();
    let release = bed.release("1.0.0", &[("README.md", "one\n"), ("a/b.yaml", "b: 1\n")]);
    let ran = bed.seed(&release).run().exits(0).stderr("");
    let head = bed.head().unwrap();
    ran.stdout(format!(
        "1.0.0 is on `main` of `.xtask/local/repositories/argocd/edge-manageability-framework.git`: {head}\n\
         the first commit\n\
         3 files (15 B) in [..]: 6 objects sent, [..] B\n"
    ));
    assert_eq!(bed.content("a/b.yaml"), "b: 1\n");
    bed.is_sound();
}

#[test]
fn the_same_release_again_sends_nothing() {
    let bed = Bed::new();
    let release = bed.release("1.0.0", &[("README.md", "one\n")]);
    let first = bed.seeded(&release);
    let head = bed.head().unwrap();
    let expected = json!({
        "schema": 1, "command": "gitea seed",
        "server": "`.xtask/local/repositories/argocd/edge-manageability-framework.git`",
        "repository": "argocd/edge-manageability-framework", "branch": "main", "version": "1.0.0",
        "digest": first["digest"], "files": 2, "bytes": 10, "committed": true, "head": head,
        "parent": null, "objects": 4, "bytes_sent": first["bytes_sent"], "attempts": 1,
        "seconds": first["seconds"],
    });
    assert_eq!(first, expected);
    assert!(first["bytes_sent"].as_u64().unwrap() > 100 && first["digest"].as_str().unwrap().len() == 64);
    let state = files::below(&bed.repository());
    let again = bed.seeded(&release);
    let sent = ["committed", "head", "parent", "objects", "bytes_sent", "attempts"].map(|key| &again[key]);
    assert_eq!(sent, [&json!(false), &json!(head), &Value::Null, &json!(0), &json!(0), &json!(0)]);
    assert_eq!(files::below(&bed.repository()), state);
    let said = format!(
        "1.0.0 is on `main` of `.xtask/local/repositories/argocd/edge-manageability-framework.git` already: {head}\n\
         2 files compared in [..], nothing sent\n"
    );
    bed.seed(&release).run().exits(0).stdout(said).stderr("");
}

#[test]
fn what_verify_finds() {
    let bed = Bed::new();
    let verify = |release: &str| bed.platform.xtask(["gitea", "verify", "--tarball", release]).run();
    let old =
        Archive::release("1", [("same", "same\n"), ("edited", "old\n"), ("gone", "g\n"), ("run", "r\n")]);
    let new = Archive::release("1", [("same", "same\n"), ("edited", "new\n"), ("fresh", "f\n")]);
    let (old, new) = (bed.put("old.tgz", old.tgz()), bed.put("new.tgz", new.program("emf/run", "r\n").tgz()));
    let branch = "`main` of `.xtask/local/repositories/argocd/edge-manageability-framework.git`";
    let help = "help: put the release there with `cargo xtask gitea seed`\n";
    let before = files::below(bed.root());
    verify(&old)
        .exits(1)
        .stdout("missing: VERSION\nmissing: edited\nmissing: gone\nmissing: run\nmissing: same\n")
        .stderr(format!("error: {branch} has no commit\n{help}"));
    assert_eq!(files::below(bed.root()), before, "to look changes nothing");
    bed.seeded(&old);
    let head = bed.head().unwrap();
    let state = files::below(bed.root());
    verify(&old).exits(0).stderr("").stdout(format!(
        "`main` of `.xtask/local/repositories/argocd/edge-manageability-framework.git` \
         has all 5 files and no others: {head}\n"
    ));
    verify(&new)
        .exits(1)
        .stdout("missing: fresh\nadded: gone\nchanged: edited\nanother mode: run\n")
        .stderr(format!("error: {branch} differs from the release in 4 files\n{help}"));
    let json = ["gitea", "verify", "--tarball", &new, "--format", "json"];
    let expected = json!({
        "schema": 1, "command": "gitea verify",
        "server": "`.xtask/local/repositories/argocd/edge-manageability-framework.git`",
        "branch": "main", "head": head, "version": "1", "files": 5, "same": false,
        "missing": ["fresh"], "added": ["gone"], "changed": ["edited"], "modes": ["run"],
    });
    assert_eq!(bed.platform.xtask(json).run().exits(1).json(), expected);
    assert_eq!(files::below(bed.root()), state, "to look changes nothing");
}

#[test]
fn status_before_and_after() {
    let bed = Bed::new();
    let before = files::below(bed.root());
    let head = "server      git version [..]\n\
                repository  `.xtask/local/repositories/argocd/edge-manageability-framework.git`\n";
    let status = || bed.platform.xtask(["gitea", "status"]).run().exits(0).stderr("");
    status().stdout(format!("{head}main        no repository yet\n"));
    assert_eq!(files::below(bed.root()), before, "to look changes nothing");
    bed.empty_repository();
    status().stdout(format!("{head}main        no commit yet\n"));
    let archive = Archive::release("2026.1", [("README.md", "one\n")]).file("emf/COMMIT_ID", "0123abcd\n");
    let digest = bed.seeded(&bed.put("a.tgz", archive.tgz()))["digest"].clone();
    let commit = bed.head().unwrap();
    status().stdout(format!(
        "{head}main        {commit} of 2023-11-14T22:13:20Z\n\
         release     2026.1, sha256 {}\n\
         made from   0123abcd\n",
        digest.as_str().unwrap()
    ));
    let answer = bed.platform.json(["gitea", "status"]);
    assert_eq!((&answer["url"], &answer["has_repository"]), (&Value::Null, &json!(true)));
    let release = json!({ "version": "2026.1", "digest": digest, "source": "0123abcd" });
    assert_eq!((&answer["head"]["commit"], &answer["head"]["release"]), (&json!(commit), &release));
    bed.person_commits("README.md", "two\n");
    let commit = bed.head().unwrap();
    status().stdout(format!(
        "{head}main        {commit} of [..]\nrelease     none: `Change by hand` by Ada <ada@example.com>\n"
    ));
}

#[test]
fn a_dry_run_writes_nothing() {
    let bed = Bed::new();
    let release = bed.release("1.0.0", &[("README.md", "one\n")]);
    let before = files::below(bed.root());
    let repository = "`.xtask/local/repositories/argocd/edge-manageability-framework.git`";
    let dry = |expected: String| {
        let call = bed.platform.xtask(["gitea", "seed", "--tarball", &release, "--dry-run"]);
        call.run().exits(0).stdout(expected).stderr("");
    };
    let commit =
        format!("would commit 2 files (10 B) with tree [..] on `main` of {repository}, unless it has them\n");
    dry(format!("would make the repository {repository}\n{commit}"));
    assert_eq!(files::below(bed.root()), before);
    bed.empty_repository();
    let before = files::below(bed.root());
    dry(commit);
    assert_eq!(files::below(bed.root()), before);
}
