//! Notes when more is asked for than there is.

use std::cell::Cell;
use std::io::{self, Read};

/// A reader that notes in `ended` when more is asked for than there is: then
/// tar's errors mean that the archive is too short, else that it is wrong.
pub(super) struct Ends<'a, R> {
    inner: R,
    ended: &'a Cell<bool>,
}

impl<'a, R> Ends<'a, R> {
    pub(super) fn new(inner: R, ended: &'a Cell<bool>) -> Self {
        Self { inner, ended }
    }
}

impl<R: Read> Read for Ends<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if read == 0 && !buffer.is_empty() {
            self.ended.set(true);
        }
        Ok(read)
    }
}
