//! What several checks have to know, read once.

mod docker;
mod inside;

use std::sync::OnceLock;
use std::time::{Duration, Instant};

pub use docker::{DockerFacts, Limits, Place};
pub use inside::{DockerNetwork, Published};

use super::Seen;
use crate::context::Context;

/// How long anything may take that is asked: a diagnosis that hangs is none.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// The machine, looked at as far as it is asked for.
pub struct Facts<'a> {
    /// The call.
    pub cx: &'a Context,
    docker: OnceLock<Result<DockerFacts, Seen>>,
}

impl<'a> Facts<'a> {
    /// Nothing has been looked at.
    pub fn new(cx: &'a Context) -> Self {
        Self { cx, docker: OnceLock::new() }
    }

    /// What Docker tells, or why it does not.
    pub fn docker(&self) -> Result<&DockerFacts, &Seen> {
        self.docker.get_or_init(|| docker::read(self.cx)).as_ref()
    }

    /// What Docker tells; without it a check of something else cannot decide.
    pub fn told_by_docker(&self) -> Result<&DockerFacts, Seen> {
        self.docker().map_err(|_| Seen::unknown("Docker does not tell, as said above"))
    }
}

/// When something has to have answered, that is asked now.
pub fn limit(cx: &Context) -> Instant {
    cx.deadline.within(PATIENCE)
}
