//! What a router tells while it runs.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use routing::{Backend, EntryPoint, HostName};
use serde::Serialize;

use crate::reason::Reason;

/// Receives events. It is called on the threads that move bytes, so it must not
/// block: hand over to a queue.
pub type Sink = Arc<dyn Fn(Event) + Send + Sync>;

/// Failures reported per reason and second; the rest is counted alone.
const PER_SECOND: u32 = 10;

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
    AcceptPaused {
        /// The listener.
        address: SocketAddr,
        /// What ran out.
        cause: PauseCause,
    },
    /// The listener accepts again.
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

/// What ran out while accepting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseCause {
    /// As many connections as the settings allow.
    ConnectionLimit,
    /// No file descriptors or kernel memory.
    OutOfFiles,
}

/// Passes events on, few of each failure.
pub(crate) struct Reporter {
    sink: Sink,
    start: Instant,
    windows: [Mutex<Window>; Reason::ALL.len()],
}

/// What was reported in one second.
#[derive(Default)]
struct Window {
    second: u64,
    reported: u32,
    left_out: u64,
}

impl Reporter {
    pub(crate) fn new(sink: Sink) -> Self {
        Self { sink, start: Instant::now(), windows: Default::default() }
    }

    pub(crate) fn send(&self, event: Event) {
        (self.sink)(event);
    }

    /// Sends the event made for `reason` with the number of those left out
    /// before it, unless there were too many this second.
    pub(crate) fn send_failure(&self, reason: Reason, event: impl FnOnce(u64) -> Event) {
        let second = self.start.elapsed().as_secs();
        let mut window = self.windows[reason as usize].lock().unwrap_or_else(PoisonError::into_inner);
        let left_out = window.admit(second);
        drop(window);
        if let Some(left_out) = left_out {
            self.send(event(left_out));
        }
    }
}

impl Window {
    /// `Some` when one more may be reported: how many were left out before.
    fn admit(&mut self, second: u64) -> Option<u64> {
        if second != self.second {
            *self = Self { second, reported: 0, left_out: self.left_out };
        }
        if self.reported == PER_SECOND {
            self.left_out += 1;
            return None;
        }
        self.reported += 1;
        Some(std::mem::take(&mut self.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_thinned_out_and_what_is_left_out_is_told() {
        let mut window = Window::default();
        let reported = (0..100).filter_map(|_| window.admit(7)).count();
        assert_eq!(reported, 10);
        assert_eq!(window.admit(8), Some(90));
        assert_eq!(window.admit(8), Some(0));
    }
}
