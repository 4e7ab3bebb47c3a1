//! Many seedings of one repository at once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::bed::Bed;
use super::seeder::Seeder;
use crate::support::Ran;

/// How many, all told.
const SEEDINGS: usize = 100;
/// How many run at the same time.
const AT_ONCE: usize = 12;

pub fn of_a_hundred_at_once_each_lands_once_or_conflicts(bed: &Bed) {
    let seeder = Seeder::with_release(bed);
    seeder.token(&["write:repository"]);
    let first = seeder.head("main").unwrap();
    let ended = race(&seeder);
    let (landed, refused): (Vec<_>, Vec<_>) = ended.into_iter().partition(|ran| !ran.text().is_empty());
    for ran in refused {
        let ran = ran.exits(1);
        assert!(ran.errors().contains("has another writer: the branch was at"), "{}", ran.errors());
    }
    // Each by its commit, which is below the ones that came later.
    let mut expected: BTreeMap<String, Option<String>> = landed
        .into_iter()
        .map(|ran| {
            let answer = ran.exits(0).json();
            assert_eq!(answer["committed"], true, "{answer}");
            let text = |name: &str| answer[name].as_str().map(str::to_owned);
            (text("head").unwrap(), text("parent"))
        })
        .collect();
    let history = seeder.history();
    assert!(history.len() > 1, "none has landed");
    let mut trees: Vec<_> = history.iter().map(|(_, tree)| tree).collect();
    trees.sort_unstable();
    trees.dedup();
    assert_eq!(trees.len(), history.len(), "a tree is there twice");
    for (commit, below) in history.iter().zip(&history[1..]) {
        let parent = expected.remove(&commit.0);
        assert_eq!(parent, Some(Some(below.0.clone())), "parent of {}", commit.0);
    }
    assert_eq!(expected, BTreeMap::new(), "were told to have landed");
    assert_eq!(history.last().unwrap().0, first);
    if let Some(fake) = bed.fake() {
        fake.git(&seeder.repository, &["fsck", "--strict", "--no-dangling"]);
    }
}

fn race(seeder: &Seeder<'_>) -> Vec<Ran> {
    let next = AtomicUsize::new(0);
    let one_after_another = || {
        let numbers = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
        let seed = |number: usize| {
            let file = format!("{number}.tar");
            seeder.archive(&file, &[("VERSION", &format!("2.0.{number}\n"))]);
            let words = format!("seed --tarball {file} --token-file token --format json --timeout 10m");
            seeder.call(&words).run()
        };
        numbers.take_while(|number| *number < SEEDINGS).map(seed).collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let all: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(one_after_another)).collect();
        all.into_iter().flat_map(|one| one.join().unwrap()).collect()
    })
}
