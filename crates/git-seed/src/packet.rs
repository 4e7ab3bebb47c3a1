//! Packet lines, and the bands that share a connection; see gitprotocol-common(5).

use std::io::{self, Read, Write};

use gix_packetline::blocking_io::{StreamingPeekableIter, encode};
use gix_packetline::{BandRef, PacketLineRef};

use crate::cause::Cause;
use crate::text::Words;

/// Reads packet lines.
pub(crate) struct Packets<R>(StreamingPeekableIter<R>);

impl<R: Read> Packets<R> {
    pub(crate) fn new(read: R) -> Self {
        Self(StreamingPeekableIter::new(read, &[], false))
    }

    /// The next line. `ERR` is the server's refusal, the end of the stream a cut.
    pub(crate) fn next(&mut self) -> Result<PacketLineRef<'_>, Cause> {
        let ended = || Cause::from(io::Error::from(io::ErrorKind::UnexpectedEof));
        let line = self.0.read_line().ok_or_else(ended)??;
        let line = line.map_err(|error| Cause::protocol(error.to_string()))?;
        if let Some(error) = line.check_error() {
            return Err(Cause::Refused { reason: Words::of(error.0), says: String::new() });
        }
        Ok(line)
    }

    /// The next line of text, without its end; `None` for a flush packet.
    pub(crate) fn text(&mut self) -> Result<Option<&[u8]>, Cause> {
        match self.next()? {
            PacketLineRef::Flush => Ok(None),
            line => match line.as_text() {
                Some(text) => Ok(Some(text.as_slice())),
                None => Err(Cause::protocol("a delimiter where a line of text was due")),
            },
        }
    }

    /// Reads the end that follows the last packet: only then can the connection
    /// be used again.
    pub(crate) fn end(&mut self) {
        // All there was to know has come. If more follows, or less than an end,
        // the next request has a connection of its own.
        let _ = self.0.inner_mut().read(&mut [0]);
    }
}

/// The first band as a reader; it ends at the flush packet.
pub(crate) struct Bands<'w, R> {
    packets: Packets<R>,
    data: Vec<u8>,
    at: usize,
    ended: bool,
    words: &'w mut Words,
}

impl<'w, R: Read> Bands<'w, R> {
    /// What comes on the second band is added to `words`; on the third it is
    /// an error.
    pub(crate) fn new(packets: Packets<R>, words: &'w mut Words) -> Self {
        Self { packets, data: Vec::new(), at: 0, ended: false, words }
    }

    /// Reads the end that follows the last packet, if that was read.
    pub(crate) fn end(mut self) {
        if self.ended {
            self.packets.end();
        }
    }

    fn refill(&mut self) -> Result<(), Cause> {
        let line = match self.packets.next()? {
            PacketLineRef::Flush => {
                self.ended = true;
                return Ok(());
            }
            line => line.decode_band().map_err(|error| Cause::protocol(error.to_string()))?,
        };
        match line {
            BandRef::Data(data) => {
                self.data.clear();
                self.data.extend_from_slice(data);
                self.at = 0;
            }
            BandRef::Progress(text) => self.words.add(text),
            BandRef::Error(text) => {
                return Err(Cause::Refused { reason: Words::of(text), says: self.words.take() });
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Bands<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.data.len() && !self.ended {
            self.refill()?;
        }
        let rest = &self.data[self.at..];
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

/// Adds a line of text to a request.
pub(crate) fn line(out: &mut Vec<u8>, text: &str) -> io::Result<()> {
    encode::text_to_write(text.as_bytes(), out).map(drop)
}

/// Adds a delimiter, which ends a part of a request in protocol version 2.
pub(crate) fn delimiter(out: &mut Vec<u8>) -> io::Result<()> {
    encode::delim_to_write(out).map(drop)
}

/// Adds a flush packet, which ends a request.
pub(crate) fn flush(mut out: impl Write) -> io::Result<()> {
    encode::flush_to_write(&mut out).map(drop)
}
