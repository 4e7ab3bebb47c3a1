//! The body of a request that one thread makes while another sends it.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Bytes that are handed over at once.
const CHUNK: usize = 1 << 16;
/// Chunks that may wait to be sent.
const WAITING: usize = 16;

enum Part {
    Chunk(Vec<u8>),
    End,
}

/// The two ends of a body, and a count of what was read.
pub(crate) fn pair() -> (Maker, Body, Arc<AtomicU64>) {
    let (sender, receiver) = sync_channel(WAITING);
    let read = Arc::new(AtomicU64::new(0));
    let maker = Maker { sender, chunk: Vec::with_capacity(CHUNK), unwanted: false };
    (maker, Body { receiver, chunk: Vec::new(), at: 0, ended: false, read: Arc::clone(&read) }, read)
}

/// Where the body is written.
pub(crate) struct Maker {
    sender: SyncSender<Part>,
    chunk: Vec<u8>,
    unwanted: bool,
}

impl Maker {
    /// Says that this was all; a maker that is dropped without makes reading fail.
    pub(crate) fn end(&mut self) -> io::Result<()> {
        self.flush()?;
        self.send(Part::End)
    }

    /// Whether the reader is gone: the server did not want any more.
    pub(crate) fn is_unwanted(&self) -> bool {
        self.unwanted
    }

    fn send(&mut self, part: Part) -> io::Result<()> {
        self.sender.send(part).map_err(|_| {
            self.unwanted = true;
            io::ErrorKind::BrokenPipe.into()
        })
    }
}

impl Write for Maker {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..count]);
        if self.chunk.len() == CHUNK {
            self.flush()?;
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.chunk.is_empty() {
            return Ok(());
        }
        let chunk = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK));
        self.send(Part::Chunk(chunk))
    }
}

/// Where the body is read.
pub(crate) struct Body {
    receiver: Receiver<Part>,
    chunk: Vec<u8>,
    at: usize,
    ended: bool,
    read: Arc<AtomicU64>,
}

impl Read for Body {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.chunk.len() && !self.ended {
            match self.receiver.recv() {
                Ok(Part::Chunk(chunk)) => (self.chunk, self.at) = (chunk, 0),
                Ok(Part::End) => self.ended = true,
                Err(_) => return Err(io::Error::other("the pack could not be completed")),
            }
        }
        let rest = &self.chunk[self.at..];
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
