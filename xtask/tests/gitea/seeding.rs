//! `gitea seed`, `verify` and `status` where nothing goes wrong.

use std::fs;

use serde_json::json;

use super::bed::{Bed, PASSWORD};
use super::seeder::Seeder;
use crate::support::Checkout;

const FILES: [(&str, &str); 4] = [
    ("VERSION", "1.2.3\n"),
    ("COMMIT_ID", "0123abc\n"),
    ("argocd/values.yaml", "a: 1\n"),
    ("b/c/d.txt", "d\n"),
];

/// An owner with the archive `release.tar` and no repository.
fn ready(bed: &Bed) -> Seeder<'_> {
    let seeder = Seeder::new(bed);
    seeder.archive("release.tar", &FILES);
    seeder
}

/// How many packs the stand-in was sent; the real one tells nobody.
fn pushes(bed: &Bed) -> Option<usize> {
    let is_push = |request: &fake_gitea::Request| {
        request.method == "POST" && request.path.ends_with("/git-receive-pack")
    };
    Some(bed.fake()?.requests().iter().filter(|request| is_push(request)).count())
}

pub fn the_first_makes_the_repository_and_the_second_sends_nothing(bed: &Bed) {
    let seeder = ready(bed);
    let first = seeder.seeds("--tarball release.tar");
    let expected = json!({
        "repository": seeder.repository, "branch": "main", "version": "1.2.3", "files": 4, "bytes": 21,
        "committed": true, "parent": null, "attempts": 1,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(first[name], *value, "{name}");
    }
    assert_eq!(seeder.head("main").as_deref(), first["head"].as_str());
    let made = seeder.described();
    assert_eq!((&made["private"], &made["default_branch"]), (&json!(true), &json!("main")));
    let sent = pushes(bed);
    let second = seeder.seeds("--tarball release.tar");
    let expected = json!({
        "committed": false, "head": first["head"], "parent": null, "objects": 0, "bytes_sent": 0, "attempts": 0,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(second[name], *value, "{name}");
    }
    assert_eq!(pushes(bed), sent);
    assert_eq!(seeder.head("main").as_deref(), first["head"].as_str());
    let told = seeder.run("seed --tarball release.tar").exits(0);
    assert!(told.text().contains("already") && told.text().contains("nothing sent"), "{}", told.text());
    assert_eq!(bed.tokens(&seeder.user), [""; 0]);
}

pub fn what_is_cloned_is_what_was_released(bed: &Bed) {
    let seeder = ready(bed);
    seeder.seeds("--tarball release.tar");
    let clone = seeder.clone("clone");
    for (path, content) in FILES {
        assert_eq!(fs::read_to_string(clone.join(path)).unwrap(), content, "{path}");
    }
    let listed = seeder.git(&clone, &["ls-tree", "-r", "--name-only", "HEAD"]);
    assert_eq!(listed.lines().count(), FILES.len(), "{listed}");
    let message = seeder.git(&clone, &["log", "-1", "--format=%an <%ae>%n%ct%n%B"]);
    let expected = "xtask <xtask@localhost>\n1700000000\nSeed release 1.2.3\n\nRelease-Version: 1.2.3\n";
    assert!(message.starts_with(expected) && message.contains("Release-Source: 0123abc\n"), "{message}");
    assert_eq!(seeder.git(&clone, &["fsck", "--strict"]), "");
}

pub fn only_what_the_server_lacks_is_sent(bed: &Bed) {
    let seeder = ready(bed);
    let first = seeder.seeds("--tarball release.tar");
    // The commit, its root, `argocd`, `b`, `b/c`, and four files.
    assert_eq!(first["objects"], 9);
    let mut files = FILES;
    files[3].1 = "changed\n";
    seeder.archive("changed.tar", &files);
    let second = seeder.seeds("--tarball changed.tar");
    // The commit, its root, `b`, `b/c`, and one file.
    assert_eq!((&second["objects"], &second["parent"]), (&json!(5), &first["head"]));
    // What was there is known again: the commit alone.
    let back = seeder.seeds("--tarball release.tar");
    assert!(back["objects"].as_u64().unwrap() <= 5, "{back}");
    assert_eq!(back["parent"], second["head"]);
    assert_eq!(seeder.history().len(), 3);
}

/// A real Gitea does not tell who connects.
#[test]
fn git_requests_share_a_connection() {
    let bed = Bed::stand_in();
    let seeder = ready(&bed);
    seeder.seeds("--tarball release.tar");
    seeder.archive("next.tar", &[("VERSION", "2\n")]);
    let fake = bed.fake().unwrap();
    let of_git = format!("{}.git/", seeder.repository);
    let before = fake.requests().len();
    seeder.seeds("--tarball next.tar");
    let requests = fake.requests().split_off(before);
    let clients =
        requests.iter().filter(|request| request.path.contains(&of_git)).map(|request| request.client);
    let clients: Vec<_> = clients.collect();
    assert!(clients.len() >= 5, "{requests:#?}");
    assert!(clients.iter().all(|client| *client == clients[0]), "{clients:?}");
}

pub fn verifying_names_what_differs(bed: &Bed) {
    let seeder = ready(bed);
    let absent = seeder.run("verify --tarball release.tar --format json").exits(1);
    assert_eq!(absent.json()["missing"].as_array().unwrap().len(), FILES.len());
    let head = seeder.seeds("--tarball release.tar")["head"].clone();
    let same = seeder.run("verify --tarball release.tar --format json").exits(0).json();
    assert_eq!((&same["same"], &same["head"]), (&json!(true), &head));
    let other =
        [("VERSION", "1.2.4\n"), ("COMMIT_ID", "0123abc\n"), ("argocd/values.yaml", "a: 1\n"), ("new", "")];
    seeder.archive("other.tar", &other);
    let ran = seeder.run("verify --tarball other.tar --format json").exits(1);
    let expected = json!({ "same": false, "missing": ["new"], "added": ["b/c/d.txt"], "changed": ["VERSION"], "modes": [] });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(ran.json()[name], *value, "{name}");
    }
    let told = seeder.run("verify --tarball other.tar").exits(1);
    assert!(told.text().contains("changed: VERSION\n"), "{}", told.text());
    assert!(told.errors().contains("differs from the release in 3 files"), "{}", told.errors());
    assert_eq!(seeder.head("main").as_deref(), head.as_str());
}

pub fn the_status_tells_what_is_there(bed: &Bed) {
    let seeder = ready(bed);
    let before = seeder.run("status --format json").exits(0).json();
    assert_eq!((&before["has_repository"], &before["head"]), (&json!(false), &json!(null)));
    assert!(before["version"].as_str().unwrap().starts_with("Gitea 1."), "{before}");
    let answer = seeder.seeds("--tarball release.tar");
    let after = seeder.run("status --format json").exits(0).json();
    assert_eq!((&after["has_repository"], &after["repository"]), (&json!(true), &json!(seeder.repository)));
    let head = &after["head"];
    assert_eq!((&head["commit"], &head["subject"]), (&answer["head"], &json!("Seed release 1.2.3")));
    let release = json!({ "version": "1.2.3", "source": "0123abc", "digest": answer["digest"] });
    assert_eq!(head["release"], release);
    seeder.person_commits("by-hand.txt", "x\n");
    let after = seeder.run("status --format json").exits(0).json();
    assert_eq!((&after["head"]["release"], &after["head"]["subject"]), (&json!(null), &json!("by a person")));
}

pub fn a_dry_run_changes_nothing(bed: &Bed) {
    let seeder = ready(bed);
    let ran = seeder.run("seed --tarball release.tar --dry-run -v").exits(0);
    assert!(ran.text().contains("would make the repository"), "{}", ran.text());
    assert!(ran.text().contains("would commit 4 files"), "{}", ran.text());
    let path = format!("/repos/{}", seeder.repository);
    bed.get(&path, super::bed::As::User(&seeder.user)).is(404);
    assert_eq!(bed.tokens(&seeder.user), [""; 0]);
    let changes = bed.fake().map(fake_gitea::FakeGitea::requests);
    let own = |request: &&fake_gitea::Request| {
        request.header("user-agent").is_some_and(|agent| agent.starts_with("xtask/"))
    };
    assert!(changes.iter().flatten().filter(own).all(|request| request.method == "GET"));
}

pub fn a_token_will_do_in_place_of_the_password(bed: &Bed) {
    let seeder = ready(bed);
    seeder.token(&["write:repository", "write:user"]);
    seeder.seeds("--tarball release.tar --token-file token -v");
    // No other is made; what is there may push with less.
    assert_eq!(bed.tokens(&seeder.user), ["of-a-test"]);
    let writer = bed.token(&seeder.user, "writer", &["write:repository"]);
    seeder.checkout.write("token", &writer);
    seeder.archive("next.tar", &[("VERSION", "2\n")]);
    seeder.seeds("--tarball next.tar --token-file token");
    assert_eq!(seeder.history().len(), 2);
    // The file may be for nobody else's eyes, and the last line may have an end.
    seeder.checkout.write("password", &format!("{PASSWORD}\r\n"));
    seeder.run("verify --tarball next.tar").exits(0);
}

#[test]
fn an_address_alone_is_not_enough() {
    let verbs: [&[&str]; 3] =
        [&["seed", "--tree", "release-sample"], &["verify", "--tree", "release-sample"], &["status"]];
    for verb in verbs {
        let call =
            ["gitea"].iter().chain(verb).chain(&["--profile", "coder", "--url", "https://127.0.0.1:9"]);
        let ran = Checkout::new().xtask(call).run().exits(3).stdout("");
        let help = "\nhelp: give `--token-file FILE` or `--password-file FILE`\n";
        assert!(ran.errors().contains("kubeconfig") && ran.errors().ends_with(help), "{}", ran.errors());
    }
}
