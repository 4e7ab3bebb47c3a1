//! Shows how far a release is, and ends what the user does not want any more.

use std::time::Instant;

use git_seed::{Phase, Progress};

use crate::context::Context;
use crate::failure::Failure;

/// Shows how far it is, unless nobody is to see it, and ends it in time.
pub struct Watched<'a> {
    cx: &'a Context,
    show: Box<dyn Fn(Phase, u64, Option<u64>) + Sync + 'a>,
}

impl<'a> Watched<'a> {
    /// With a line that moves.
    pub fn new(cx: &'a Context) -> Self {
        let bytes = cx.reporter.bytes();
        Self { cx, show: Box::new(move |phase, done, total| bytes.at(&phase.to_string(), done, total)) }
    }

    /// Told by `say`, once for each thing that is done.
    pub fn told(cx: &'a Context, say: impl Fn(&str) + Sync + 'a) -> Self {
        let last = std::sync::Mutex::new(None);
        let show = move |phase: Phase, _: u64, _: Option<u64>| {
            let mut last = last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if last.replace(phase) != Some(phase) {
                say(&phase.to_string());
            }
        };
        Self { cx, show: Box::new(show) }
    }
}

impl Progress for Watched<'_> {
    fn at(&self, phase: Phase, done: u64, total: Option<u64>) {
        (self.show)(phase, done, total);
    }

    fn is_cancelled(&self) -> bool {
        still_wanted(self.cx).is_err()
    }
}

/// Fails if the user asked to stop, or the time is up.
pub fn still_wanted(cx: &Context) -> anyhow::Result<()> {
    cx.interrupt.check()?;
    if cx.deadline.instant().is_none_or(|deadline| Instant::now() < deadline) {
        return Ok(());
    }
    Err(Failure::timed_out("the time was up").help("give it more time with `--timeout`").into())
}
