//! A buffered reader that knows the SHA-1 of what was taken from it.

use std::io::{self, BufRead, BufReader, Read};

use sha1::{Digest, Sha1};

/// Hashes and counts exactly what is consumed, not what lies in the buffer.
pub(crate) struct Hashed<R> {
    inner: BufReader<R>,
    hash: Sha1,
    position: u64,
}

impl<R: Read> Hashed<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self { inner: BufReader::with_capacity(1 << 16, inner), hash: Sha1::new(), position: 0 }
    }

    /// Bytes consumed.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// The hash of all that was consumed, and the reader of what follows.
    pub(crate) fn finish(self) -> ([u8; 20], BufReader<R>) {
        (self.hash.finalize().into(), self.inner)
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Hashed<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        let taken = &self.inner.buffer()[..count];
        self.hash.update(taken);
        self.position += count as u64;
        self.inner.consume(count);
    }
}
