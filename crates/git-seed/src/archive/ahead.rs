//! A reader in a thread of its own, a few chunks ahead of who takes them: to
//! decompress takes as long as everything that is done with the result.

use std::io::{self, BufRead, ErrorKind, Read};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

/// Bytes that are handed over at once.
const CHUNK: usize = 128 << 10;
/// Chunks that may wait.
const WAITING: usize = 4;

/// The two ends.
pub(super) fn pair() -> (Filler, Ahead) {
    let (full, chunks) = sync_channel(WAITING);
    let (used, empty) = channel();
    (Filler { full, empty }, Ahead { chunks, used, chunk: Vec::new(), at: 0 })
}

/// Where the chunks come from.
pub(super) struct Filler {
    full: SyncSender<io::Result<Vec<u8>>>,
    empty: Receiver<Vec<u8>>,
}

impl Filler {
    /// Hands over all that `reader` gives, to its end or its first error, or
    /// until nobody takes it any more.
    pub(super) fn fill(&self, reader: &mut dyn Read) {
        loop {
            // A chunk that comes back is as good as new.
            let mut chunk = self.empty.try_recv().unwrap_or_default();
            chunk.resize(CHUNK, 0);
            let mut filled = 0;
            let end = loop {
                match reader.read(&mut chunk[filled..]) {
                    Ok(0) => break Some(Ok(())),
                    Ok(read) => filled += read,
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => break Some(Err(error)),
                }
                if filled == CHUNK {
                    break None;
                }
            };
            chunk.truncate(filled);
            let is_taken = self.full.send(Ok(chunk)).is_ok();
            match end {
                Some(Err(error)) if is_taken => return self.fail(error),
                None if is_taken => {}
                _ => return,
            }
        }
    }

    /// Ends with an error.
    pub(super) fn fail(&self, error: io::Error) {
        // Who takes no more does not want to know either.
        let _ = self.full.send(Err(error));
    }
}

/// Where they are read.
pub(super) struct Ahead {
    chunks: Receiver<io::Result<Vec<u8>>>,
    used: Sender<Vec<u8>>,
    chunk: Vec<u8>,
    at: usize,
}

impl BufRead for Ahead {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at == self.chunk.len() {
            let Ok(next) = self.chunks.recv() else { return Ok(&[]) };
            let used = std::mem::replace(&mut self.chunk, next?);
            self.at = 0;
            // At the end nobody fills it again.
            let _ = self.used.send(used);
        }
        Ok(&self.chunk[self.at..])
    }

    fn consume(&mut self, count: usize) {
        self.at += count;
    }
}

impl Read for Ahead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    /// What comes through of `reader`.
    fn through(mut reader: impl Read + Send) -> (Vec<u8>, io::Result<usize>) {
        let (filler, mut ahead) = pair();
        thread::scope(|scope| {
            scope.spawn(move || filler.fill(&mut reader));
            let mut all = Vec::new();
            let end = ahead.read_to_end(&mut all);
            (all, end)
        })
    }

    #[test]
    fn all_comes_in_its_order() {
        for size in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 20 * CHUNK + 7] {
            let bytes: Vec<u8> = (0..=250).cycle().take(size).collect();
            let (all, end) = through(&bytes[..]);
            assert_eq!(end.unwrap(), size);
            assert!(all == bytes, "{size}");
        }
    }

    #[test]
    fn an_error_comes_behind_what_was_read() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("it broke"))
            }
        }
        let (all, end) = through(io::repeat(7).take(3 * CHUNK as u64 / 2).chain(Broken));
        assert_eq!(all.len(), 3 * CHUNK / 2);
        assert_eq!(end.unwrap_err().to_string(), "it broke");
    }

    #[test]
    fn who_takes_no_more_ends_it() {
        let (filler, ahead) = pair();
        drop(ahead);
        filler.fill(&mut io::repeat(0));
    }
}
