//! Several that seed at once.

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
    for together in releases.chunks(AT_ONCE) {
        thread::scope(|scope| {
            for (_, release) in together {
                // They wait for each other, which they say unless they are quiet.
                let call = bed.platform.xtask(["gitea", "seed", "-q", "--tarball", release]);
                scope.spawn(|| call.run().exits(0).stderr(""));
            }
        });
    }
    let mut seeded = bed.subjects();
    let mut expected: Vec<_> = releases.iter().map(|(version, _)| format!("Seed emf {version}")).collect();
    seeded.sort();
    expected.sort();
    assert_eq!(seeded, expected);
    bed.is_sound();
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
