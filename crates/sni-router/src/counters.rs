//! Live counters: relaxed atomics, shared by all workers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::reason::Reason;

/// A number that goes up, or up and down; read while it changes.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, amount: u64) {
        self.0.fetch_add(amount, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Failures by reason.
#[derive(Debug, Default)]
pub(crate) struct Failures([Counter; Reason::ALL.len()]);

impl Failures {
    pub(crate) fn count(&self, reason: Reason) {
        self.0[reason as usize].add(1);
    }

    /// Only what happened.
    pub(crate) fn snapshot(&self) -> BTreeMap<Reason, u64> {
        let counts = Reason::ALL.into_iter().map(|reason| (reason, self.0[reason as usize].get()));
        counts.filter(|&(_, count)| count > 0).collect()
    }
}

/// Of one listener.
#[derive(Debug, Default)]
pub(crate) struct ListenerCounters {
    pub(crate) accepted: Counter,
    pub(crate) failures: Failures,
}

/// Of one route name; they outlive the table.
#[derive(Debug)]
pub(crate) struct RouteCounters {
    pub(crate) name: Box<str>,
    pub(crate) accepted: Counter,
    pub(crate) closed: Counter,
    pub(crate) bytes_in: Counter,
    pub(crate) bytes_out: Counter,
    pub(crate) failures: Failures,
}

impl RouteCounters {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            accepted: Counter::default(),
            closed: Counter::default(),
            bytes_in: Counter::default(),
            bytes_out: Counter::default(),
            failures: Failures::default(),
        }
    }

    /// Connections open at present. Read in this order, it is never negative.
    pub(crate) fn active(&self) -> u64 {
        let closed = self.closed.get();
        self.accepted.get().saturating_sub(closed)
    }
}

/// A connection that a route has taken; counted as closed when dropped.
pub(crate) struct Taken(Arc<RouteCounters>);

impl Taken {
    pub(crate) fn new(counters: Arc<RouteCounters>) -> Self {
        counters.accepted.add(1);
        Self(counters)
    }
}

impl std::ops::Deref for Taken {
    type Target = RouteCounters;

    fn deref(&self) -> &RouteCounters {
        &self.0
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.closed.add(1);
    }
}
