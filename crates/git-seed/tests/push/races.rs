//! Other writers, cut connections and lost answers.

use std::collections::HashSet;
use std::io;
use std::sync::Mutex;
use std::thread;

use crate::support::Tree;
use crate::support::git::Repository;
use crate::support::local::Local;
use crate::support::wrappers::{Before, Changed, Cut, whole};
use git_seed::{Cause, Outcome, Seeded, Silent};

#[test]
fn another_writers_commit_becomes_the_parent() {
    let repository = Repository::new();
    let remote = Local(repository.path());
    let first = Tree::sample("one").seed(&remote).unwrap();
    let foreign = repository.foreign_commit("by hand");
    let second = Tree::sample("two").seed(&remote).unwrap();
    assert_eq!(repository.history(), [second.head.to_string(), foreign, first.head.to_string()]);
    assert_eq!(second.attempts, 1);
}

#[test]
fn one_commit_in_between_is_built_upon() {
    for empty in [true, false] {
        let repository = Repository::new();
        if !empty {
            Tree::sample("one").seed(&Local(repository.path())).unwrap();
        }
        let remote = Before::new(Local(repository.path()), |push: u32| {
            if push == 1 {
                repository.foreign_commit("in between");
            }
        });
        let seeded = Tree::sample("two").seed(&remote).unwrap();
        assert_eq!(seeded.attempts, 2);
        assert_eq!(repository.head(), seeded.head.to_string());
        assert_eq!(repository.git(&["log", "-1", "--format=%s", "main~1"]), "in between");
        repository.check();
    }
}

#[test]
fn a_second_commit_in_between_is_a_conflict_that_names_both() {
    let repository = Repository::new();
    let commits = Mutex::new(Vec::new());
    let remote = Before::new(Local(repository.path()), |push: u32| {
        commits.lock().unwrap().push(repository.foreign_commit(&push.to_string()));
    });
    let error = Tree::sample("one").seed(&remote).unwrap_err();
    let commits = commits.lock().unwrap();
    assert!(matches!(error.cause(), Cause::Conflict { .. }), "{error}");
    assert!(commits.len() == 2 && commits.iter().all(|commit| error.to_string().contains(commit)), "{error}");
    assert_eq!(repository.head(), commits[1]);
}

#[test]
fn the_same_files_by_another_writer_are_enough() {
    let repository = Repository::new();
    let tree = Tree::sample("one");
    let remote = Before::new(Local(repository.path()), |push: u32| {
        if push == 1 {
            Tree::sample("one").seed(&Local(repository.path())).unwrap();
            repository.foreign_commit("on top");
        }
    });
    // Both made the very same commit, and one of them is in the history now.
    let seeded = tree.seed(&remote).unwrap();
    assert_eq!((repository.history().len(), seeded.attempts), (2, 1));
    assert_eq!(repository.history()[1], seeded.head.to_string());
}

#[test]
fn many_at_once_succeed_once_each_or_conflict() {
    let repository = Repository::new();
    let results: Vec<_> = thread::scope(|scope| {
        let seedings = (0..20).map(|index| {
            let remote = Local(repository.path());
            scope.spawn(move || Tree::sample(&index.to_string()).seed(&remote))
        });
        let seedings: Vec<_> = seedings.collect();
        seedings.into_iter().map(|seeding| seeding.join().unwrap()).collect()
    });
    let heads: Vec<String> =
        results.iter().flatten().map(|seeded: &Seeded| seeded.head.to_string()).collect();
    for error in results.iter().filter_map(|result| result.as_ref().err()) {
        assert!(matches!(error.cause(), Cause::Conflict { .. }), "{error}");
    }
    let history = repository.history();
    assert!(!heads.is_empty() && history.len() == heads.len(), "{} of {}", heads.len(), history.len());
    assert_eq!(history.into_iter().collect::<HashSet<_>>(), heads.into_iter().collect());
    repository.check();
}

#[test]
fn a_body_cut_anywhere_leaves_the_branch_and_the_next_run_succeeds() {
    let repository = Repository::new();
    let tree = Tree::new(&[("a/b", "some text\n"), ("c", "other text\n")]);
    let first = Tree::new(&[("c", "text\n")]).seed(&Local(repository.path())).unwrap().head.to_string();
    let mut after = 0;
    loop {
        let (inner, times) = (Local(repository.path()), Mutex::new(1));
        let remote = Cut { inner, after, kind: io::ErrorKind::Other, times };
        match tree.seed(&remote) {
            Err(error) => assert!(matches!(error.cause(), Cause::Unreachable(_)), "{error}"),
            // Everything had been sent by then, so that the commit landed.
            Ok(seeded) => break assert_eq!(repository.head(), seeded.head.to_string()),
        }
        assert_eq!(repository.head(), first, "cut after {after}");
        after += 24;
    }
    assert!(after > 400, "{after}");
    assert_eq!(repository.history().len(), 2);
    repository.check();
}

#[test]
fn a_cut_connection_is_tried_again_three_times_in_all() {
    for (times, outcome) in [(1, Some(2)), (2, Some(3)), (3, None)] {
        let repository = Repository::new();
        let inner = Local(repository.path());
        let remote =
            Cut { inner, after: 300, kind: io::ErrorKind::ConnectionReset, times: Mutex::new(times) };
        let result = Tree::sample("one").seed(&remote);
        assert_eq!(result.as_ref().ok().map(|seeded| seeded.attempts), outcome);
        assert_eq!(repository.head().is_empty(), outcome.is_none());
        if let Err(error) = result {
            assert!(matches!(error.cause(), Cause::Cut(_)), "{error}");
        }
    }
}

#[test]
fn a_lost_answer_is_success_also_below_another_commit() {
    for covered in [false, true] {
        let repository = Repository::new();
        Tree::sample("one").seed(&Local(repository.path())).unwrap();
        let answered = |service, answer| match service {
            git_seed::Service::UploadPack => Ok(answer),
            git_seed::Service::ReceivePack => {
                if covered {
                    repository.foreign_commit("on top");
                }
                Err(io::ErrorKind::ConnectionReset.into())
            }
        };
        let remote = Changed { inner: Local(repository.path()), sent: whole, answered };
        let seeded = Tree::sample("two").seed(&remote).unwrap();
        assert!(matches!(seeded.outcome, Outcome::Committed { objects: 4, .. }));
        assert_eq!((seeded.attempts, repository.history().len()), (1, if covered { 3 } else { 2 }));
        assert!(repository.history().contains(&seeded.head.to_string()));
    }
}

#[test]
fn the_same_release_on_the_same_parent_is_the_same_commit() {
    let commits = [Repository::new(), Repository::new()].map(|repository| {
        let remote = Local(repository.path());
        let first = Tree::sample("one").seed(&remote).unwrap();
        (first.head, Tree::sample("two").seed(&remote).unwrap().head)
    });
    assert_eq!(commits[0], commits[1]);
}

#[test]
fn whoever_waits_can_leave() {
    struct Leaving;
    impl git_seed::Progress for Leaving {
        fn at(&self, _: git_seed::Phase, _: u64, _: Option<u64>) {}
        fn is_cancelled(&self) -> bool {
            true
        }
    }
    let repository = Repository::new();
    let tree = Tree::sample("one");
    let error = git_seed::seed(&tree.origin, &tree.release, &Local(repository.path()), "main", &Leaving);
    assert!(matches!(error.unwrap_err().cause(), Cause::Interrupted));
    assert_eq!(git_seed::head(&Local(repository.path()), "main", &Silent).unwrap(), None);
}
