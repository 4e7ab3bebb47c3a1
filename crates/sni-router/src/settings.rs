//! What can be tuned, with the reason for each default.

use std::thread::available_parallelism;
use std::time::Duration;

/// Limits and times of a router. `Settings::default()` suits a laptop and a
/// server alike; nothing is read from the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Threads that accept and relay, at least 1. Default: one per core, at most
    /// 8: each connection wakes all that sleep, and 8 relay more than 10 Gbit/s.
    pub workers: usize,
    /// Connections open at one time, at least 1; at the limit, accepting pauses
    /// and clients wait in the kernel's backlog. Default: what the limit on open
    /// files has room for, see [`connections_within`](crate::connections_within).
    pub max_connections: usize,
    /// From accepting a connection to the last byte of its `ClientHello`,
    /// whatever trickles in between. Default: 10 s, as in linkerd2-proxy; a
    /// handshake over a bad mobile link takes 2 to 3 s.
    pub hello_timeout: Duration,
    /// How long a backend may take to accept. Default: 5 s, enough for two
    /// retransmitted SYNs; a refusal fails at once.
    pub connect_timeout: Duration,
    /// Probing of silent peers, on both sides.
    pub keepalive: KeepAlive,
    /// Bulk transfers that are spliced through a pipe instead of being copied,
    /// in both directions and all workers together, divided evenly among the
    /// workers; further ones are copied. Each takes two file descriptors. Default: an eighth of the limit on open
    /// files goes to pipes, at most 64 pipes. Used on Linux alone.
    pub pipes: usize,
    /// A connection that is half-closed, or whose reader does not read, is
    /// closed when not a byte has moved for this long (at most twice this
    /// long). Default: 1 h. Fully open idle connections stay.
    pub stall_limit: Duration,
}

/// TCP keepalive: a peer that is gone is noticed after
/// `idle + interval × probes`, 210 s by default, before most NAT gateways
/// forget a connection (AWS: 350 s).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepAlive {
    /// Silence before the first probe, whole seconds from 1. Default: 120 s.
    pub idle: Duration,
    /// Between probes, whole seconds from 1. Default: 30 s.
    pub interval: Duration,
    /// Unanswered probes before the peer counts as gone, 1 to 127. Default: 3.
    pub probes: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            workers: available_parallelism().map_or(1, usize::from).min(8),
            max_connections: crate::connections_within(crate::files::limit()),
            hello_timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(5),
            keepalive: KeepAlive::default(),
            pipes: crate::files::pipes_within(crate::files::limit()),
            stall_limit: Duration::from_hours(1),
        }
    }
}

impl Default for KeepAlive {
    fn default() -> Self {
        Self { idle: Duration::from_mins(2), interval: Duration::from_secs(30), probes: 3 }
    }
}
