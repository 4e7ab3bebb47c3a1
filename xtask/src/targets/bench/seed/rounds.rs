//! What is measured of one input, round by round.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, ensure};
use serde::Serialize;

use super::answer::InputTimings;
use super::bed::{Bed, Cost};
use super::input::{Edition, Input};
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

/// What one input's seedings took, each in every round.
#[derive(Default)]
pub struct Costs(BTreeMap<(Seeding, Way), Vec<Cost>>);

/// Measures one input.
pub fn measure(cx: &Context, bed: &Bed<'_>, input: Input, rounds: u8) -> anyhow::Result<InputTimings> {
    bed.check_disk(input.disk())?;
    cx.reporter.note(&format!("making the tarballs of `{}`", input.name()));
    let (first, size) = bed.archive(input, Edition::First)?;
    let (second, _) = bed.archive(input, Edition::Second)?;
    let mut costs = Costs::default();
    for round in 1..=rounds {
        cx.reporter.note(&format!("`{}`, round {round} of {rounds}", input.name()));
        let mut ways = Way::ALL;
        // None always has the same one before it.
        ways.rotate_left(usize::from(round - 1) % Way::ALL.len());
        costs.add_round(bed, ways, [&first, &second])?;
    }
    Way::ALL.iter().try_for_each(|way| bed.repository(*way).remove())?;
    [first, second].iter().try_for_each(fs::remove_file).context("cannot remove a tarball")?;
    InputTimings::new(input, size, &costs)
}

impl Costs {
    /// What a way's seedings took, round by round.
    pub fn of(&self, seeding: Seeding, way: Way) -> &[Cost] {
        self.0.get(&(seeding, way)).map(Vec::as_slice).unwrap_or_default()
    }

    fn add_round(
        &mut self,
        bed: &Bed<'_>,
        ways: [Way; 3],
        [first, second]: [&Path; 2],
    ) -> anyhow::Result<()> {
        for way in ways {
            bed.empty(way)?;
        }
        for seeding in Seeding::ALL {
            let archive = if seeding == Seeding::First { first } else { second };
            let mut tree = None;
            for way in ways {
                let (cost, made) = bed.seed(way, archive, seeding.name())?;
                let expected = tree.get_or_insert_with(|| made.clone());
                ensure!(made == *expected, "`{}` made the tree {made}, not {expected}", way.name());
                self.0.entry((seeding, way)).or_default().push(cost);
            }
        }
        Ok(())
    }
}
