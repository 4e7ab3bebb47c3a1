//! What a run found out.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::measure::{connections, round_trip, throughput};
use crate::round::Plan;
use crate::statistics::Summary;
use crate::target::Target;

/// Number of the shape of the JSON.
const SCHEMA: u32 = 1;

/// What one round found out about one target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    pub(crate) connections_per_second: f64,
    pub(crate) round_trip_p50_us: f64,
    pub(crate) round_trip_p99_us: f64,
    pub(crate) down_bytes_per_second: f64,
    pub(crate) up_bytes_per_second: f64,
}

/// What is measured in rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Metric {
    ConnectionsPerSecond,
    RoundTripP50Us,
    RoundTripP99Us,
    DownBytesPerSecond,
    UpBytesPerSecond,
}

impl Metric {
    pub(crate) const ALL: [Self; 5] = [
        Self::ConnectionsPerSecond,
        Self::RoundTripP50Us,
        Self::RoundTripP99Us,
        Self::DownBytesPerSecond,
        Self::UpBytesPerSecond,
    ];

    fn of(self, figures: &Figures) -> f64 {
        match self {
            Self::ConnectionsPerSecond => figures.connections_per_second,
            Self::RoundTripP50Us => figures.round_trip_p50_us,
            Self::RoundTripP99Us => figures.round_trip_p99_us,
            Self::DownBytesPerSecond => figures.down_bytes_per_second,
            Self::UpBytesPerSecond => figures.up_bytes_per_second,
        }
    }
}

/// The figures of all targets, and the load they were measured under.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Number of the shape of the JSON.
    pub schema: u32,
    /// Rounds that were run.
    pub rounds: usize,
    /// The load.
    pub load: Load,
    /// The targets, the direct connection first.
    pub targets: Vec<TargetReport>,
}

/// How many connections each measurement kept busy.
#[derive(Debug, Serialize)]
pub struct Load {
    /// Clients that opened connections.
    pub connection_clients: usize,
    /// Connections that sent messages to and fro.
    pub round_trip_connections: usize,
    /// Bytes of a message.
    pub message_bytes: usize,
    /// Bulk transfers side by side.
    pub transfers: usize,
}

/// The figures of one target.
#[derive(Debug, Serialize)]
pub struct TargetReport {
    /// Its name.
    pub name: String,
    /// By metric.
    pub(crate) metrics: BTreeMap<Metric, Series>,
    /// Memory, where the process is known.
    pub memory: Option<Memory>,
}

/// One figure in all rounds.
#[derive(Debug, Serialize)]
pub struct Series {
    /// The figure in each round.
    pub rounds: Vec<f64>,
    /// The figures summed up.
    pub figure: Summary,
    /// The ratios to the direct connection of the same round, summed up.
    pub ratio: Summary,
}

/// Memory of a router's processes.
#[derive(Debug, Serialize)]
pub struct Memory {
    /// Resident bytes after each route was used once.
    pub start_bytes: u64,
    /// How many idle connections were opened.
    pub idle_connections: usize,
    /// Resident bytes that each of them added.
    pub idle_bytes_per_connection: f64,
}

impl Report {
    /// `rounds` holds the figures of each target for each round; the first
    /// target is the one that others are compared with.
    pub(crate) fn new(
        targets: &[Target],
        plan: &Plan,
        rounds: &[Vec<Figures>],
        memory: Vec<Option<Memory>>,
    ) -> Result<Self> {
        let report = |(index, (target, memory)): (usize, (&Target, Option<Memory>))| {
            let metrics =
                Metric::ALL.into_iter().map(|metric| Ok((metric, Series::new(metric, index, rounds)?)));
            Ok(TargetReport { name: target.name.clone(), metrics: metrics.collect::<Result<_>>()?, memory })
        };
        Ok(Self {
            schema: SCHEMA,
            rounds: plan.rounds,
            load: Load {
                connection_clients: connections::CLIENTS,
                round_trip_connections: round_trip::CONNECTIONS,
                message_bytes: round_trip::MESSAGE,
                transfers: throughput::CONNECTIONS,
            },
            targets: targets.iter().zip(memory).enumerate().map(report).collect::<Result<_>>()?,
        })
    }
}

impl Series {
    fn new(metric: Metric, target: usize, rounds: &[Vec<Figures>]) -> Result<Self> {
        let figures: Vec<f64> = rounds.iter().map(|round| metric.of(&round[target])).collect();
        let ratios: Vec<f64> =
            rounds.iter().map(|round| metric.of(&round[target]) / metric.of(&round[0])).collect();
        let (figure, ratio) =
            Summary::of(&figures).zip(Summary::of(&ratios)).context("there was no round")?;
        Ok(Self { rounds: figures, figure, ratio })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(connections: f64) -> Figures {
        Figures {
            connections_per_second: connections,
            round_trip_p50_us: 1.0,
            round_trip_p99_us: 2.0,
            down_bytes_per_second: 3.0,
            up_bytes_per_second: 4.0,
        }
    }

    #[test]
    fn ratios_are_taken_round_by_round() {
        // The machine was twice as slow in the second round, for both alike.
        let rounds = [
            vec![figures(1000.0), figures(500.0)],
            vec![figures(500.0), figures(250.0)],
            vec![figures(1000.0), figures(400.0)],
        ];
        let targets = [Target::direct(), "x=127.0.0.1:1".parse().unwrap()];
        let report = Report::new(&targets, &Plan::full().rounds(3), &rounds, vec![None, None]).unwrap();
        let series = &report.targets[1].metrics[&Metric::ConnectionsPerSecond];
        assert_eq!(series.rounds, [500.0, 250.0, 400.0]);
        assert_eq!(series.figure, Summary { median: 400.0, min: 250.0, max: 500.0 });
        assert_eq!(series.ratio, Summary { median: 0.5, min: 0.4, max: 0.5 });

        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["schema"], 1);
        assert_eq!(json["targets"][1]["metrics"]["connections_per_second"]["figure"]["median"], 400.0);
        assert!(json["targets"][0]["memory"].is_null());
    }
}
