//! What is measured of one input, round by round.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use serde::Serialize;

use super::answer::InputTimings;
use super::bed::{Bed, Cost};
use super::host::Host;
use super::input::{Edition, Input};
use super::transport::Transport;
use super::way::Way;
use crate::context::Context;

/// One of the seedings that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Seeding {
    /// Into an empty repository.
    First,
    /// When one file of a hundred is another.
    Changed,
    /// The same once more.
    Unchanged,
}

impl Seeding {
    /// In their order.
    pub const ALL: [Self; 3] = [Self::First, Self::Changed, Self::Unchanged];

    /// One word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
        }
    }
}

/// What is measured in every round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Case {
    /// What is pushed over.
    pub over: Transport,
    pub seeding: Seeding,
    pub way: Way,
}

/// What one input's seedings took, each in every round.
pub type Costs = BTreeMap<Case, Vec<Cost>>;

/// One input, seeded again and again.
struct Rounds<'a> {
    bed: &'a Bed<'a>,
    /// Its first and its second edition.
    archives: [PathBuf; 2],
    costs: Costs,
    /// What was made of an edition the first time.
    trees: BTreeMap<Seeding, String>,
}

/// Measures one input.
pub fn measure(cx: &Context, bed: &Bed<'_>, input: Input, rounds: u8) -> anyhow::Result<InputTimings> {
    bed.check_disk(input.disk())?;
    cx.reporter.note(&format!("making the tarballs of `{}`", input.name()));
    let (first, size) = bed.archive(input, Edition::First)?;
    let (second, _) = bed.archive(input, Edition::Second)?;
    let archives = [first, second];
    let mut measured = Rounds { bed, archives, costs: Costs::new(), trees: BTreeMap::new() };
    for round in 1..=rounds {
        let mut ways = Way::ALL;
        // None always has the same one before it.
        ways.rotate_left(usize::from(round - 1) % Way::ALL.len());
        for host in bed.hosts() {
            let over = host.transport().name();
            cx.reporter.note(&format!("`{}` over {over}, round {round} of {rounds}", input.name()));
            measured.add(host, ways)?;
        }
    }
    measured.archives.iter().try_for_each(fs::remove_file).context("cannot remove a tarball")?;
    InputTimings::new(input, size, &measured.costs)
}

impl Rounds<'_> {
    /// Seeds everything each way, once, in repositories that are made for it.
    fn add(&mut self, host: &dyn Host, ways: [Way; 3]) -> anyhow::Result<()> {
        ways.iter().try_for_each(|way| host.repository(*way).empty())?;
        let [first, second] = &self.archives;
        for seeding in Seeding::ALL {
            let archive = if seeding == Seeding::First { first } else { second };
            for way in ways {
                let (cost, tree) = self.bed.seed(host, way, archive, seeding.name())?;
                let expected = self.trees.entry(seeding).or_insert_with(|| tree.clone());
                ensure!(tree == *expected, "`{}` made the tree {tree}, not {expected}", way.name());
                self.costs.entry(Case { over: host.transport(), seeding, way }).or_default().push(cost);
            }
        }
        ways.iter().try_for_each(|way| host.repository(*way).remove())
    }
}
