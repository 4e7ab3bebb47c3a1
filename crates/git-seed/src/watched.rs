//! What comes from a server, counted.

use std::io::{self, Read};

use crate::error::Cause;
use crate::{Phase, Progress};

/// A reader that tells how much was received, and ends when the user wants so.
pub(crate) struct Watched<'p, R> {
    inner: R,
    done: u64,
    progress: &'p dyn Progress,
}

impl<'p, R> Watched<'p, R> {
    pub(crate) fn new(inner: R, progress: &'p dyn Progress) -> Self {
        Self { inner, done: 0, progress }
    }
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.progress.is_cancelled() {
            return Err(Cause::Interrupted.into());
        }
        let count = self.inner.read(out)?;
        self.done += count as u64;
        self.progress.at(Phase::Compare, self.done, None);
        Ok(count)
    }
}
