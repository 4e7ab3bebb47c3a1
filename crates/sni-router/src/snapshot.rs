//! The counters at one moment, for `status` and its JSON.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use routing::{Backend, EntryPoint};
use serde::{Deserialize, Serialize};

use crate::reason::Reason;

/// All counters of a router. They start at 0 and survive a reload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// When the router started, in seconds since the Unix epoch.
    pub started: u64,
    /// Tables applied since the start that differed from the one before.
    pub reloads: u64,
    /// Connections open at present, those still sending their hello included.
    pub active: usize,
    /// The limit on `active`.
    pub max_connections: usize,
    /// In the order given at the start.
    pub listeners: Vec<ListenerSnapshot>,
    /// The routes of the present table, in its order.
    pub routes: Vec<RouteSnapshot>,
    /// Sums over all routes there have been since the start, and all listeners.
    pub totals: Totals,
}

/// Counters of one listener.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListenerSnapshot {
    /// What the listener is for.
    pub entry_point: EntryPoint,
    /// Where it listens.
    pub address: SocketAddr,
    /// Connections accepted.
    pub accepted: u64,
    /// Connections closed before a route was found.
    pub failures: BTreeMap<Reason, u64>,
}

/// Counters of one route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteSnapshot {
    /// The name in the table.
    pub name: String,
    /// Where it listens.
    pub entry_point: EntryPoint,
    /// Where its connections go at present.
    pub backend: Option<Backend>,
    /// Connections that the route took.
    pub accepted: u64,
    /// Those of them that are open.
    pub active: u64,
    /// Bytes passed from clients to the backend, the hello included. Counts
    /// while a transfer runs.
    pub bytes_in: u64,
    /// Bytes passed from the backend to clients.
    pub bytes_out: u64,
    /// Connections closed other than by both of their ends.
    pub failures: BTreeMap<Reason, u64>,
}

/// Sums over everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Connections accepted by all listeners.
    pub accepted: u64,
    /// Bytes passed from clients to backends.
    pub bytes_in: u64,
    /// Bytes passed from backends to clients.
    pub bytes_out: u64,
    /// Connections closed other than by both of their ends.
    pub failures: BTreeMap<Reason, u64>,
}
