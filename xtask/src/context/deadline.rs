//! When a call must be done.

use std::time::{Duration, Instant};

/// A moment, absolute for the whole call, by which a target must be done.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(pub(super) Option<Instant>);

impl Deadline {
    /// For tests: one that is near.
    #[cfg(test)]
    pub fn at(instant: Instant) -> Self {
        Self(Some(instant))
    }

    /// The moment, if `--timeout` gave one.
    pub fn instant(self) -> Option<Instant> {
        self.0
    }

    /// The moment, but no later than `limit` from now.
    pub fn within(self, limit: Duration) -> Instant {
        let limit = Instant::now() + limit;
        self.0.map_or(limit, |deadline| deadline.min(limit))
    }

    /// The moment, or that of `default` from now when none was given.
    pub fn or(self, default: Duration) -> Instant {
        self.0.unwrap_or_else(|| Instant::now() + default)
    }
}
