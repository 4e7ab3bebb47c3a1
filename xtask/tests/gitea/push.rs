//! Pushes by the git that users have.

use std::fs;
use std::path::PathBuf;

use serde_json::json;

use super::bed::{As, Bed};
use super::git::{git, run};

/// A work tree with one commit on `main`.
fn tree(bed: &Bed) -> PathBuf {
    let tree = bed.folder().join("tree");
    fs::create_dir(&tree).unwrap();
    fs::write(tree.join("a.txt"), "hello\n").unwrap();
    run(bed, &tree, &["init", "--quiet", "--initial-branch=main"]);
    run(bed, &tree, &["add", "."]);
    run(bed, &tree, &["commit", "--quiet", "--message=one"]);
    tree
}

pub fn a_push_is_cloned_and_shown(bed: &Bed) {
    let (user, repository) = bed.repository();
    let (tree, url) = (tree(bed), bed.clone_url(&user, &repository));
    run(bed, &tree, &["push", "--quiet", &url, "main"]);
    run(bed, bed.folder(), &["clone", "--quiet", &url, "clone"]);
    assert_eq!(fs::read_to_string(bed.folder().join("clone/a.txt")).unwrap(), "hello\n");
    // Gitea learns of a push a moment after it.
    let path = format!("/repos/{repository}/branches/main");
    let branch = bed.get_until(&path, As::User(&user), |answer| answer.status == 200).is(200);
    let head = run(bed, &tree, &["rev-parse", "HEAD"]);
    assert_eq!((&branch["name"], &branch["commit"]["id"]), (&json!("main"), &json!(head.trim_end())));
    assert_eq!((&branch["commit"]["message"], &branch["protected"]), (&json!("one\n"), &json!(false)));
    assert_eq!(branch["commit"]["author"]["name"], "someone");
    let path = format!("/repos/{repository}");
    bed.get_until(&path, As::User(&user), |answer| answer.text.contains("\"empty\":false"));
}

pub fn a_protected_branch_is_refused_in_the_report(bed: &Bed) {
    let (user, repository) = bed.repository();
    let (tree, url) = (tree(bed), bed.clone_url(&user, &repository));
    let rule = json!({ "rule_name": "main", "enable_push": false });
    bed.post(&format!("/repos/{repository}/branch_protections"), As::User(&user), &rule).is(201);
    let (is_ok, said) = git(bed, &tree, &["push", &url, "main"]);
    assert!(!is_ok && said.contains("remote: error: Not allowed to push to protected branch main"), "{said}");
    assert!(said.contains("! [remote rejected] main -> main (pre-receive hook declined)"), "{said}");
    run(bed, &tree, &["push", "--quiet", &url, "main:other"]);
}

pub fn a_reader_is_refused_in_the_report(bed: &Bed) {
    let (_, repository) = bed.repository();
    let (tree, url) = (tree(bed), bed.clone_url(&bed.user(), &repository));
    let (is_ok, said) = git(bed, &tree, &["push", &url, "main"]);
    assert!(!is_ok && said.contains("remote: error: User permission denied for writing."), "{said}");
    assert!(said.contains("! [remote rejected] main -> main (pre-receive hook declined)"), "{said}");
}
