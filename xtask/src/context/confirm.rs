//! Asking before something is lost.

use super::Context;
use crate::failure::Failure;

impl Context {
    /// Asks, unless `--yes` says yes beforehand. Fails when the answer is no,
    /// and with exit status 2 when there is nobody to ask.
    pub fn confirm(&self, question: &str) -> anyhow::Result<()> {
        if self.agrees(question)? {
            return Ok(());
        }
        Err(Failure::failed("nothing was done: the answer was no").into())
    }

    /// Asks, unless `--yes` says yes beforehand. Fails with exit status 2 when
    /// there is nobody to ask.
    pub fn agrees(&self, question: &str) -> anyhow::Result<bool> {
        Ok(self.yes || self.reporter.confirm(question, &self.interrupt, self.deadline.instant())?)
    }
}
