//! Counts what goes into a decoder and what comes out of it.

use std::cell::{Cell, RefCell};
use std::io::{self, ErrorKind, Read};

use sha2::{Digest, Sha256};

use crate::entry::Watch;
use crate::fault::Fault;
use crate::hash::hex;
use crate::limits::Limits;

/// Bytes between two questions whether to go on.
const STEP: usize = 64 << 10;

/// What the readers of one pass have seen.
pub(super) struct Meter<'a> {
    name: &'a str,
    size: Option<u64>,
    ratio: u64,
    watch: Watch<'a>,
    digest: RefCell<Sha256>,
    taken: Cell<u64>,
    given: Cell<u64>,
}

impl<'a> Meter<'a> {
    pub(super) fn new(name: &'a str, size: Option<u64>, ratio: u64, watch: Watch<'a>) -> Self {
        let digest = RefCell::default();
        let (taken, given) = Default::default();
        Self { name, size, ratio, watch, digest, taken, given }
    }

    /// SHA-256 of what was read.
    pub(super) fn digest(self) -> String {
        hex(&self.digest.into_inner().finalize())
    }

    fn take(&self, bytes: &[u8]) {
        self.digest.borrow_mut().update(bytes);
        self.taken.set(self.taken.get() + bytes.len() as u64);
        self.watch.progress.at(self.watch.phase, self.taken.get(), self.size);
    }

    fn give(&self, bytes: usize) -> Result<(), Fault> {
        let given = self.given.get() + bytes as u64;
        self.given.set(given);
        let whole = self.size.unwrap_or_default().max(self.taken.get());
        if given > Limits::FREE.max(whole.saturating_mul(self.ratio)) {
            let what = format!("its content is more than {} times larger", self.ratio);
            return Err(Fault::limit(self.name, "ratio", what));
        }
        Ok(())
    }
}

/// The archive as it lies there. Each of its errors carries a [`Fault`], so
/// that they are told from a decoder's own.
pub(super) struct Raw<'a> {
    inner: Box<dyn Read + Send>,
    meter: &'a Meter<'a>,
}

impl<'a> Raw<'a> {
    pub(super) fn new(inner: Box<dyn Read + Send>, meter: &'a Meter<'a>) -> Self {
        Self { inner, meter }
    }
}

impl Read for Raw<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.meter.watch.check(self.meter.name)?;
        let upto = buffer.len().min(STEP);
        loop {
            match self.inner.read(&mut buffer[..upto]) {
                Ok(read) => {
                    self.meter.take(&buffer[..read]);
                    return Ok(read);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Fault::of(error, self.meter.name).into()),
            }
        }
    }
}

/// What a decoder makes of it: bounded, and stopped when the caller gives up.
pub(super) struct Output<'a> {
    decoder: Box<dyn Read + 'a>,
    meter: &'a Meter<'a>,
}

impl<'a> Output<'a> {
    pub(super) fn new(decoder: Box<dyn Read + 'a>, meter: &'a Meter<'a>) -> Self {
        Self { decoder, meter }
    }
}

impl Read for Output<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.meter.watch.check(self.meter.name)?;
        let upto = buffer.len().min(STEP);
        let read = self.decoder.read(&mut buffer[..upto])?;
        self.meter.give(read)?;
        Ok(read)
    }
}
