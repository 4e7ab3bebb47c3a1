//! How long a cluster is waited for, or looked at.

use std::time::{Duration, Instant};

use crate::context::Context;

/// How long a cluster that is not ready is looked at when nobody waits for it.
const LOOK: Duration = Duration::from_secs(3);
/// How long its API may take for an answer then: that of a machine with much to do.
const ANSWER: Duration = Duration::from_secs(10);

/// How long the cluster is given.
#[derive(Clone, Copy)]
pub(super) struct Patience {
    /// For the API to answer what it was asked; what it answers in vain is asked
    /// again until the other.
    pub answer: Instant,
    /// For all to be ready.
    pub ready: Instant,
}

impl Patience {
    /// Waits for it.
    pub fn until(deadline: Instant) -> Self {
        Self { answer: deadline, ready: deadline }
    }

    /// Looks at what there is, within the time of the call.
    pub fn brief(cx: &Context) -> Self {
        Self { answer: cx.deadline.within(ANSWER), ready: cx.deadline.within(LOOK) }
    }

    /// For all to be ready, once the API has answered: a late answer leaves
    /// time for a look as well.
    pub fn after_the_answer(self) -> Instant {
        self.ready.max(self.answer.min(Instant::now() + LOOK))
    }
}
