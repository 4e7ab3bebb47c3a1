//! What the load generator reports.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::targets::bench::summary::Summary;

/// The figures of all targets, the direct connection first.
#[derive(Serialize, Deserialize)]
pub struct Report {
    /// Rounds that were run.
    pub rounds: usize,
    /// How many connections each measurement kept busy.
    pub load: Load,
    /// The routers, and the direct connection.
    pub targets: Vec<Target>,
}

/// How many connections each measurement kept busy.
#[derive(Serialize, Deserialize)]
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

/// The figures of a router.
#[derive(Serialize, Deserialize)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// By metric.
    pub metrics: BTreeMap<String, Series>,
    /// Of its processes; a direct connection has none.
    pub memory: Option<Memory>,
}

/// One figure in all rounds.
#[derive(Serialize, Deserialize)]
pub struct Series {
    /// The figure in each round.
    pub rounds: Vec<f64>,
    /// The figures summed up.
    pub figure: Summary,
    /// The ratios to the direct connection of the same round, summed up.
    pub ratio: Summary,
}

/// Memory of a router's processes.
#[derive(Serialize, Deserialize)]
pub struct Memory {
    /// Resident bytes once each route was used.
    pub start_bytes: f64,
    /// How many idle connections were opened.
    pub idle_connections: usize,
    /// Resident bytes that each of them added.
    pub idle_bytes_per_connection: f64,
}
