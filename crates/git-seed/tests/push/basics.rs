//! Seeding repositories that real Git serves on this machine.

use crate::support::Tree;
use crate::support::git::Repository;
use crate::support::local::Local;
use git_seed::{Cause, Fault, Outcome, Silent};

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
    // Somebody's own is none, whatever its message says.
    repository.foreign_commit(&head.message);
    let head = git_seed::head(&remote, "main", &Silent).unwrap().unwrap();
    assert!(head.message.contains("Release-Digest: sha256:"), "{}", head.message);
    assert_eq!(head.release, None);
}

#[test]
fn an_archive_that_changes_between_the_passes_is_not_seeded() {
    let repository = Repository::new();
    let tree = Tree::new(&[("a", "first"), ("b", &"x".repeat(100_000))]);
    let mut archive = tree.archive.reopen().unwrap();
    crate::support::write(&mut archive, &[("a", "other"), ("b", &"x".repeat(100_000))]);
    let error = tree.seed(&Local(repository.path())).unwrap_err();
    assert!(matches!(error.cause(), Cause::Fault(Fault::Changed { .. })), "{error}");
    assert_eq!(repository.head(), "");
    assert!(repository.git(&["count-objects", "-v"]).contains("count: 0\n"));
}

#[test]
fn the_message_is_made_of_the_content() {
    let repository = Repository::new();
    let tree = Tree::new(&[("VERSION", "1.2.3\n"), ("COMMIT_ID", "abc\n")]);
    tree.seed(&Local(repository.path())).unwrap();
    let digest = &tree.release.digest;
    let message = format!(
        "Seed sample 1.2.3\n\nRelease-Version: 1.2.3\nRelease-Digest: sha256:{digest}\nRelease-Source: abc"
    );
    assert_eq!(repository.git(&["log", "-1", "--format=%B", "main"]), message);
    let who = "xtask <xtask@localhost> 1700000000 xtask <xtask@localhost> 1700000000 +0000";
    assert_eq!(
        repository.git(&["log", "-1", "--format=%an <%ae> %at %cn <%ce> %cd", "--date=raw", "main"]),
        who
    );
    let note = git_seed::head(&Local(repository.path()), "main", &Silent).unwrap().unwrap().release.unwrap();
    assert_eq!((note.version.as_deref(), note.source.as_deref()), (Some("1.2.3"), Some("abc")));
    assert_eq!(&note.digest, digest);
}
