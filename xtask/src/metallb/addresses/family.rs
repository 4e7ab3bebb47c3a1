//! The addresses of one family.

use std::collections::BTreeSet;

use super::ground::Ground;
use super::range::{Family, Range};
use super::{Held, Wanted};

/// A run of IPv4 addresses without one that ends in 0 or 255 is no longer.
const LONGEST_RUN: usize = 254;

/// What is known before addresses of one family are chosen.
#[derive(Debug)]
pub struct Planner<'a> {
    /// Those where something is held come first.
    grounds: Vec<Ground>,
    wanted: &'a Wanted,
    /// For each pool, what it keeps.
    kept: Vec<Option<u128>>,
    /// What the pool for all others keeps.
    kept_rest: BTreeSet<u128>,
}

/// Addresses by their numbers.
#[derive(Debug)]
pub struct Found {
    /// In the order of the pools.
    pub pools: Vec<u128>,
    /// In rising order.
    pub rest: BTreeSet<u128>,
}

impl<'a> Planner<'a> {
    /// Sees what can be kept.
    pub fn new(family: Family, mut grounds: Vec<Ground>, wanted: &'a Wanted, held: &Held) -> Self {
        let mut used = BTreeSet::new();
        let is_free = |number: u128| grounds.iter().any(|ground| ground.is_free(number));
        let mut keep = |ranges: &[Range], most: usize| -> Vec<u128> {
            let numbers = ranges.iter().filter(|range| range.family() == family);
            // A range may hold more than can be counted; it is looked at from its beginning.
            let numbers = numbers.flat_map(|range| (range.low()..=range.high()).take(usize::from(u16::MAX)));
            let kept: Vec<u128> =
                numbers.filter(|&it| is_free(it) && !used.contains(&it)).take(most).collect();
            used.extend(&kept);
            kept
        };
        let now = |name: &String| held.pools.get(name).map_or(&[][..], Vec::as_slice);
        let kept = wanted.pools.iter().map(|(name, _)| keep(now(name), 1).first().copied()).collect();
        let kept_rest = keep(&held.rest, usize::from(wanted.rest)).into_iter().collect();
        grounds.sort_by_key(|ground| !used.iter().any(|&number| ground.has(number)));
        Self { grounds, wanted, kept, kept_rest }
    }

    /// The addresses: from the first subnet with room for all of them, else
    /// from the first with room for the pools; none if there is no such.
    pub fn plan(&self) -> Option<Found> {
        let mut first = None;
        for ground in &self.grounds {
            let Some(found) = self.plan_in(ground) else { continue };
            if found.rest.len() >= usize::from(self.wanted.rest) {
                return Some(found);
            }
            first.get_or_insert(found);
        }
        first
    }

    fn plan_in(&self, ground: &Ground) -> Option<Found> {
        let spared = ground.without(self.kept_rest.iter().copied());
        // The pools go before the rest.
        let pools = self.pools(&spared).or_else(|| self.pools(ground))?;
        // The rest is beside the pools.
        let home = self.grounds.iter().find(|it| pools.first().is_some_and(|&number| it.has(number)));
        let rest = self.rest(home.unwrap_or(ground), &pools);
        Some(Found { pools, rest })
    }

    /// One for each pool: what it keeps, else its own host, else the highest free one.
    fn pools(&self, ground: &Ground) -> Option<Vec<u128>> {
        let ground = ground.without(self.kept.iter().flatten().copied());
        let mut chosen = self.kept.clone();
        for ground in ground.preferences() {
            let missing = |chosen: &[Option<u128>]| -> Vec<usize> {
                (0..chosen.len()).filter(|&index| chosen[index].is_none()).collect()
            };
            for index in missing(&chosen) {
                let host = ground.host(self.wanted.pools[index].1);
                chosen[index] = host.filter(|&it| ground.is_free(it) && !chosen.contains(&Some(it)));
            }
            let ground = ground.without(chosen.iter().flatten().copied());
            for (index, number) in missing(&chosen).into_iter().zip(ground.downwards()) {
                chosen[index] = Some(number);
            }
        }
        chosen.into_iter().collect()
    }

    /// What it keeps, and more up to what is wanted: in a row after the pools
    /// if that can be, else in a row at the top, else wherever there are some.
    fn rest(&self, ground: &Ground, pools: &[u128]) -> BTreeSet<u128> {
        let ground = ground.without(pools.iter().copied());
        let wanted = usize::from(self.wanted.rest);
        let most = wanted.min(ground.downwards().take(2 * wanted).count() / 2);
        let mut rest: BTreeSet<u128> =
            self.kept_rest.iter().filter(|number| !pools.contains(number)).copied().collect();
        let last = rest.iter().chain(pools).max().copied();
        for ground in ground.preferences() {
            let ground = ground.without(rest.iter().copied());
            let missing = most.saturating_sub(rest.len());
            let after = || run(ground.upwards(last?), missing);
            let found = after().or_else(|| run(ground.downwards(), missing));
            match found {
                Some(run) => rest.extend(run),
                None => rest.extend(ground.downwards().take(missing)),
            }
        }
        rest
    }
}

/// The first `length` numbers of an ordered row without a gap between them.
fn run(numbers: impl Iterator<Item = u128>, length: usize) -> Option<Vec<u128>> {
    let mut run: Vec<u128> = Vec::new();
    if length > LONGEST_RUN {
        return None;
    }
    for number in numbers {
        if run.last().is_some_and(|&last| last.abs_diff(number) != 1) {
            run.clear();
        }
        if run.len() < length {
            run.push(number);
        }
        if run.len() == length {
            return Some(run);
        }
    }
    (length == 0).then_some(run)
}
