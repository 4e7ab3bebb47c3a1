//! What comes from a server, counted.

use std::cell::Cell;
use std::io::{self, Read};

use crate::cause::Cause;
use crate::{Phase, Progress};

/// Counts what comes in all answers together.
pub(crate) struct Meter<'p> {
    done: Cell<u64>,
    progress: &'p dyn Progress,
}

impl<'p> Meter<'p> {
    pub(crate) fn new(progress: &'p dyn Progress) -> Self {
        Self { done: Cell::new(0), progress }
    }

    /// An answer that is counted, and ends when the user wants so.
    pub(crate) fn watch<R>(&self, inner: R) -> Watched<'_, R> {
        Watched { inner, meter: self }
    }
}

/// A reader that is counted.
pub(crate) struct Watched<'m, R> {
    inner: R,
    meter: &'m Meter<'m>,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let Meter { done, progress } = self.meter;
        if progress.is_cancelled() {
            return Err(Cause::Interrupted.into());
        }
        let count = self.inner.read(out)?;
        done.set(done.get() + count as u64);
        progress.at(Phase::Compare, done.get(), None);
        Ok(count)
    }
}
