//! What came of bringing `MetalLB` up.

use cluster::Applied;
use serde::Serialize;

use super::addresses::Range;
use super::install::ChartChange;
use super::pending::Odd;
use crate::profile::Version;

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The chart.
    pub chart: ChartReport,
    /// Where it is.
    pub namespace: String,
    /// The pools, in the order of the profile, then that for the rest.
    pub pools: Vec<PoolReport>,
    /// Pools of ours that were deleted.
    pub deleted: Vec<String>,
    /// Services that keep another address than they would get now.
    pub misplaced: Vec<Odd>,
}

/// What became of the chart.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ChartReport {
    /// Its version now.
    pub version: Version,
    /// What became of it.
    pub change: ChartChange,
}

/// What became of a pool.
#[derive(Clone, Debug, Serialize)]
pub struct PoolReport {
    /// Its name.
    pub name: String,
    /// Its addresses.
    pub addresses: Vec<Range>,
    /// What became of it.
    pub change: PoolChange,
}

/// What became of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PoolChange {
    /// There was none.
    Created,
    /// It was otherwise.
    Changed,
    /// It was so.
    Already,
}

impl From<Applied> for PoolChange {
    fn from(applied: Applied) -> Self {
        match applied {
            Applied::Created => Self::Created,
            Applied::Changed => Self::Changed,
            Applied::Already => Self::Already,
        }
    }
}

impl Report {
    /// Whether nothing had to be done.
    pub fn is_already(&self) -> bool {
        let done = [ChartChange::Already, ChartChange::Foreign].contains(&self.chart.change);
        done && self.deleted.is_empty() && self.pools.iter().all(|pool| pool.change == PoolChange::Already)
    }

    /// In a line: `argo: 172.18.255.20, …`.
    pub fn summary(&self) -> String {
        summary(self.pools.iter().map(|pool| (pool.name.as_str(), &pool.addresses[..])))
    }
}

/// `argo: 172.18.255.20, rest: 172.18.255.41-172.18.255.60`.
pub fn summary<'a>(pools: impl Iterator<Item = (&'a str, &'a [Range])>) -> String {
    let told = pools.map(|(name, ranges)| format!("{name}: {}", shown(ranges)));
    told.collect::<Vec<_>>().join(", ")
}

/// The addresses, one alone without the length of its prefix.
pub fn shown(ranges: &[Range]) -> String {
    let texts = ranges.iter().map(|range| {
        let text = range.to_string();
        text.split('/').next().unwrap_or_default().to_owned()
    });
    texts.collect::<Vec<_>>().join(" ")
}
