//! Seeding repositories that real Git serves on this machine.

mod push_support;

use git_seed::{Outcome, Silent};
use push_support::Tree;
use push_support::git::Repository;
use push_support::local::Local;

fn lines(tree: &Tree) -> Vec<String> {
    let mut files = tree.release.files.clone();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.iter().map(|file| format!("100644 blob {}\t{}", file.id, file.path)).collect()
}

#[test]
fn an_empty_repository_gets_its_first_commit() {
    let repository = Repository::new();
    let tree = Tree::sample("one");
    let seeded = tree.seed(&Local(repository.path())).unwrap();
    assert_eq!(repository.head(), seeded.head.to_string());
    assert_eq!((seeded.before, seeded.attempts), (None, 1));
    assert!(matches!(seeded.outcome, Outcome::Committed { objects: 28, .. }), "{seeded:?}");
    assert_eq!(repository.files(), lines(&tree));
    repository.check();
}

#[test]
fn the_same_again_sends_nothing() {
    let repository = Repository::new();
    let remote = Local(repository.path());
    let tree = Tree::sample("one");
    let first = tree.seed(&remote).unwrap();
    let second = tree.seed(&remote).unwrap();
    assert_eq!((second.outcome, second.attempts), (Outcome::Already, 0));
    assert_eq!((second.before, second.head), (Some(first.head), first.head));
    assert_eq!(repository.history().len(), 1);
}

#[test]
fn only_what_is_lacking_is_sent() {
    for repository in [Repository::new(), Repository::without_filters()] {
        let remote = Local(repository.path());
        let first = Tree::sample("one").seed(&remote).unwrap();
        let changed = Tree::sample("two");
        let second = changed.seed(&remote).unwrap();
        assert_eq!(second.before, Some(first.head));
        // One blob, its folder, the root, the commit.
        assert!(matches!(second.outcome, Outcome::Committed { objects: 4, .. }), "{second:?}");
        assert_eq!(repository.history(), [second.head.to_string(), first.head.to_string()]);
        assert_eq!(repository.files(), lines(&changed));
        repository.check();
    }
}

#[test]
fn the_head_tells_the_release() {
    let repository = Repository::new();
    let remote = Local(repository.path());
    assert_eq!(git_seed::head(&remote, "main", &Silent).unwrap(), None);
    let tree = Tree::sample("one");
    let seeded = tree.seed(&remote).unwrap();
    let head = git_seed::head(&remote, "main", &Silent).unwrap().unwrap();
    assert_eq!((head.commit, head.tree), (seeded.head, tree.release.tree));
    assert_eq!(head.date, tree.release.date);
    assert_eq!(head.release.unwrap().digest, tree.release.digest);
}
