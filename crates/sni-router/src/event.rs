//! What a router tells while it runs.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use routing::{Backend, EntryPoint, HostName};
use serde::Serialize;

use crate::files;
use crate::reason::Reason;

/// Receives events. It is called on the threads that move bytes, so it must not
/// block: hand over to a queue.
pub type Sink = Arc<dyn Fn(Event) + Send + Sync>;

/// Something worth a line in a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A connection was closed other than by both of its ends. At most ten a
    /// second are reported per reason, so that no client can flood a log.
    Failed {
        /// Where the connection arrived.
        entry_point: EntryPoint,
        /// The client.
        peer: SocketAddr,
        /// The host it asked for, if that was read and is one.
        sni: Option<HostName>,
        /// The route that took it.
        route: Option<String>,
        /// The backend dialled.
        backend: Option<Backend>,
        /// Why, as counted.
        reason: Reason,
        /// More about it, for people.
        detail: Option<String>,
        /// Events of this reason left out since the last one reported.
        left_out: u64,
    },
    /// A table that differs from the one before is in force.
    Reloaded {
        /// Its number of routes.
        routes: usize,
        /// How many of them have no backend.
        without_backend: usize,
    },
    /// A listener stopped accepting for a while; clients wait in the backlog.
    /// At most ten a second are reported per cause, and later those of the rest
    /// that last into another second.
    AcceptPaused {
        /// The listener.
        address: SocketAddr,
        /// Why.
        cause: PauseCause,
        /// What the operating system says.
        detail: Option<String>,
        /// Pauses of this cause left out since the last one reported, each with
        /// its end.
        left_out: u64,
    },
    /// The listener has accepted again, after a pause that was reported.
    AcceptResumed {
        /// The listener.
        address: SocketAddr,
    },
    /// The listeners are about to be closed.
    Draining {
        /// Connections still open.
        active: usize,
    },
    /// The router has stopped.
    Drained {
        /// Connections that were cut at the deadline.
        cut: usize,
    },
}

/// Why a listener stops accepting for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseCause {
    /// As many connections as the settings allow.
    ConnectionLimit,
    /// No file descriptors or kernel memory.
    OutOfFiles,
    /// Accepting fails in another way; it is tried again.
    AcceptFailed,
}

impl PauseCause {
    pub(crate) const COUNT: usize = 3;

    /// Why accepting failed.
    pub(crate) fn of_accept(error: &io::Error) -> Self {
        if files::exhausted(error) { Self::OutOfFiles } else { Self::AcceptFailed }
    }
}
