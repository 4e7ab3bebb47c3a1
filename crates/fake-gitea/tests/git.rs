//! The git that users have clones, fetches and pushes.
#![allow(clippy::unwrap_used, reason = "tests panic")]

mod common;

use std::fs;

use common::{Client, INFRA, gitea, with_password};
use fake_gitea::{ADMIN, FakeGitea};

/// Bytes that cannot be compressed.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(length).collect()
}

#[test]
fn a_push_is_cloned_again() {
    let (gitea, client) = (gitea(), Client::new());
    // Larger than git sends in one piece.
    let large = noise(3_000_000);
    let tree = client.tree("work", &[("a.txt", b"hello\n"), ("large", &large)]);
    client.git(&tree, &["push", &with_password(&gitea, INFRA), "main"]).ok();
    let pushed = client.git(&tree, &["rev-parse", "HEAD"]).ok();
    assert_eq!(gitea.head(INFRA, "main").as_deref(), Some(pushed.trim_end()));
    gitea.git(INFRA, &["fsck", "--strict"]);
    client.git(client.path(), &["clone", "--quiet", &gitea.clone_url(INFRA), "clone"]).ok();
    assert_eq!(fs::read(client.path().join("clone/large")).unwrap(), large);
    let requests = gitea.requests();
    let chunked =
        requests.iter().find(|request| request.header("transfer-encoding") == Some("chunked")).unwrap();
    assert_eq!(
        (chunked.method.as_str(), chunked.path.as_str()),
        ("POST", "/gitea_admin/infra.git/git-receive-pack")
    );
    assert!(chunked.body_bytes() > 1_000_000, "{chunked:?}");
}

#[test]
fn a_clone_may_leave_out_files() {
    let (gitea, client) = (gitea(), Client::new());
    gitea.commit(INFRA, "main", &[("a/b.txt", "hello\n")]);
    let url = gitea.clone_url(INFRA);
    client.git(client.path(), &["clone", "--quiet", "--bare", "--filter=tree:0", &url, "bare"]).ok();
    let missing =
        client.git(&client.path().join("bare"), &["rev-list", "--objects", "--missing=print", "--all"]);
    assert!(missing.ok().contains("\n?"));
}

#[test]
fn two_commits_follow_each_other() {
    let gitea = gitea();
    let first = gitea.commit(INFRA, "main", &[("a.txt", "1\n")]);
    let second = gitea.commit(INFRA, "main", &[("b.txt", "2\n")]);
    assert_eq!(gitea.git(INFRA, &["rev-parse", "main^"]), first);
    assert_eq!(gitea.git(INFRA, &["show", &format!("{second}:a.txt")]), "1");
}

#[test]
fn nobody_pushes_without_credentials() {
    let (gitea, client) = (gitea(), Client::new());
    let tree = client.tree("work", &[("a.txt", b"hello\n")]);
    client.git(&tree, &["push", &gitea.clone_url(INFRA), "main"]).fails("Authentication failed");
    let wrong = with_password(&gitea, INFRA).replacen(ADMIN, "nobody", 1);
    client.git(&tree, &["push", &wrong, "main"]).fails("Authentication failed");
    assert_eq!(gitea.head(INFRA, "main"), None);
}

#[test]
fn a_token_takes_the_place_of_a_password() {
    let (gitea, client) = (gitea(), Client::new());
    let tree = client.tree("work", &[("a.txt", b"hello\n")]);
    let url = |token: &str| gitea.clone_url(INFRA).replacen("://", &format!("://x:{token}@"), 1);
    let reader = gitea.add_token(ADMIN, "reader", &["read:repository"]);
    client.git(&tree, &["push", &url(&reader), "main"]).fails("403");
    let writer = gitea.add_token(ADMIN, "writer", &["write:repository"]);
    client.git(&tree, &["push", &url(&writer), "main"]).ok();
}

#[test]
fn a_protected_branch_is_refused_inside_of_an_answer() {
    let (gitea, client) = (gitea(), Client::new());
    let tree = client.tree("work", &[("a.txt", b"hello\n")]);
    let rules = format!("{}/api/v1/repos/{INFRA}/branch_protections", gitea.url());
    let token = gitea.add_token(ADMIN, "all", &["all"]);
    let rule = r#"{"rule_name": "main", "enable_push": false}"#;
    let made = ureq::post(&rules).header("Authorization", format!("token {token}")).send(rule).unwrap();
    assert_eq!(made.status(), 201);
    let ran = client.git(&tree, &["push", &with_password(&gitea, INFRA), "main"]);
    assert!(ran.text.contains("remote: error: Not allowed to push to protected branch main"), "{}", ran.text);
    ran.fails("(pre-receive hook declined)");
    client.git(&tree, &["push", &with_password(&gitea, INFRA), "main:other"]).ok();
}

#[test]
fn a_hook_refuses_for_as_long_as_it_is_there() {
    let (gitea, client) = (gitea(), Client::new());
    let tree = client.tree("work", &[("a.txt", b"hello\n")]);
    gitea.pre_receive(INFRA, "#!/bin/sh\nread old new ref\necho not $ref >&2\nexit 1\n");
    let ran = client.git(&tree, &["push", &with_password(&gitea, INFRA), "main"]);
    assert!(ran.text.contains("remote: not refs/heads/main"), "{}", ran.text);
    ran.fails("(pre-receive hook declined)");
    gitea.remove_pre_receive(INFRA);
    client.git(&tree, &["push", &with_password(&gitea, INFRA), "main"]).ok();
}

#[test]
fn who_may_only_read_is_told_by_the_hook() {
    let (gitea, client) = (gitea(), Client::new());
    gitea.add_user("reader", "password-1");
    let tree = client.tree("work", &[("a.txt", b"hello\n")]);
    let url = gitea.clone_url(INFRA).replacen("://", "://reader:password-1@", 1);
    let ran = client.git(&tree, &["push", &url, "main"]);
    assert!(ran.text.contains("remote: error: User permission denied for writing."), "{}", ran.text);
    ran.fails("(pre-receive hook declined)");
}

#[test]
fn a_mirror_is_read_only() {
    let (gitea, client) = (gitea(), Client::new());
    let tree = client.tree("work", &[("a.txt", b"hello\n")]);
    gitea.make_mirror(INFRA);
    client
        .git(&tree, &["push", &with_password(&gitea, INFRA), "main"])
        .fails("mirror repository is read-only");
    client.git(client.path(), &["clone", "--quiet", &gitea.clone_url(INFRA), "clone"]).ok();
}

#[test]
fn the_folder_goes_with_the_server() {
    let (gitea, client) = (gitea(), Client::new());
    let tree = client.tree("work", &[("a.txt", b"hello\n")]);
    client.git(&tree, &["push", &with_password(&gitea, INFRA), "main"]).ok();
    let root = gitea.root().to_owned();
    assert!(root.exists());
    drop::<FakeGitea>(gitea);
    assert!(!root.exists());
}
