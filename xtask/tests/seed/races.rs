//! Several that seed at once.

use std::collections::BTreeMap;
use std::thread;

use serde_json::Value;

use crate::bed::Bed;

/// How many seed.
const SEEDINGS: usize = 100;
/// How many of them at once.
const AT_ONCE: usize = 16;

#[test]
fn two_at_once_in_a_fresh_checkout() {
    let bed = Bed::new();
    let releases = ["1", "2"].map(|version| bed.release(version, &[("README.md", version)]));
    let answers = thread::scope(|scope| {
        let running = releases.each_ref().map(|release| scope.spawn(|| bed.seeded(release)));
        running.map(|running| running.join().unwrap())
    });
    assert!(answers.iter().all(|answer| answer["committed"] == true), "{answers:#?}");
    let mut subjects = bed.subjects();
    subjects.sort();
    assert_eq!(subjects, ["Seed emf 1", "Seed emf 2"]);
    bed.is_sound();
}

#[test]
fn the_same_release_twice_at_once_is_one_commit() {
    let bed = Bed::new();
    let release = bed.release("1", &[("README.md", "one\n")]);
    let answers = thread::scope(|scope| {
        let running = [(); 4].map(|()| scope.spawn(|| bed.seeded(&release)));
        running.map(|running| running.join().unwrap())
    });
    let heads: Vec<_> = answers.iter().map(|answer| answer["head"].as_str().unwrap()).collect();
    assert!(heads.iter().all(|head| *head == bed.head().unwrap()), "{answers:#?}");
    assert_eq!(bed.subjects(), ["Seed emf 1"]);
    bed.is_sound();
}

#[test]
fn a_hundred_seedings_at_once() {
    let bed = Bed::new();
    let releases: Vec<_> = (0..SEEDINGS)
        .map(|number| {
            let version = format!("1.0.{number}");
            let release = bed.release(&version, &[("number", &version), ("same", "same\n")]);
            (version, release)
        })
        .collect();
    let mut outcomes = BTreeMap::new();
    for together in releases.chunks(AT_ONCE) {
        let ended = thread::scope(|scope| {
            let start = |(version, release): &(String, String)| {
                let call = bed.platform.xtask(["gitea", "seed", "-q", "--tarball", release]);
                let version = version.clone();
                scope.spawn(move || (version, is_committed(call)))
            };
            let running: Vec<_> = together.iter().map(start).collect();
            running.into_iter().map(|running| running.join().unwrap()).collect::<Vec<_>>()
        });
        outcomes.extend(ended);
    }
    assert_eq!(outcomes.len(), SEEDINGS);
    let mut history: BTreeMap<String, usize> = BTreeMap::new();
    for subject in bed.subjects() {
        *history.entry(subject.strip_prefix("Seed emf ").unwrap().to_owned()).or_default() += 1;
    }
    for (version, committed) in &outcomes {
        assert_eq!(history.get(version).copied(), committed.then_some(1), "{version}");
    }
    assert!(outcomes.values().any(|committed| *committed));
    assert_eq!(history.len(), outcomes.values().filter(|committed| **committed).count());
    bed.is_sound();
}

/// Whether the release came on the branch; else its seeding has to say that
/// another writer was faster.
fn is_committed(call: crate::support::Call) -> bool {
    let ran = call.run();
    if ran.errors().is_empty() {
        ran.exits(0);
        return true;
    }
    let ran = ran.exits(1).stdout("");
    let said = ran.errors();
    assert!(said.contains("another writer") && said.contains("\nhelp: "), "{said}");
    false
}

#[test]
fn readers_see_whole_releases_only() {
    let bed = Bed::up();
    let releases = ["1", "2"].map(|version| {
        let files = [("a/first", version), ("b/second", version), ("c/third", version)];
        bed.release(version, &files)
    });
    let url = bed.platform.json(["gitea", "status"])["url"].as_str().unwrap().to_owned();
    thread::scope(|scope| {
        let seeding = scope.spawn(|| {
            (0..10).for_each(|round| drop(bed.seeded(&releases[round % 2])));
        });
        let mut clones = 0;
        while !seeding.is_finished() || clones < 5 {
            let folder = tempfile::tempdir().unwrap();
            crate::bed::succeeded(&crate::bed::run_git(folder.path(), &["clone", "-q", &url, "."]));
            let read = |path: &str| std::fs::read_to_string(folder.path().join(path)).ok();
            assert!(read("a/first") == read("b/second") && read("b/second") == read("c/third"));
            clones += 1;
        }
        seeding.join().unwrap();
    });
    let status: Value = bed.platform.json(["gitea", "status"]);
    assert_eq!(status["head"]["release"]["version"], "2");
}
