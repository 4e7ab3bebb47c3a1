//! zstd: any number of frames, then nothing but zeros.

use std::io::{self, BufRead, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::zeros;
use crate::fault::Fault;

/// Bytes of output that a frame may refer back to, all of them kept in memory:
/// what RFC 8878 wants every decoder to have, and zstd uses up to level 19.
const WINDOW: u64 = 8 << 20;

/// Decompresses zstd.
pub(super) struct Zstd<'a> {
    input: Box<dyn BufRead + 'a>,
    decoder: FrameDecoder,
    name: &'a str,
    /// Bytes that have come out of the frame, while there is one.
    frame: Option<u64>,
    is_first: bool,
}

impl<'a> Zstd<'a> {
    pub(super) fn new(input: Box<dyn BufRead + 'a>, name: &'a str) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(WINDOW);
        Self { input, decoder, name, frame: None, is_first: true }
    }

    /// Goes on to the next frame; `false` if there is none.
    fn next(&mut self) -> io::Result<bool> {
        match self.input.fill_buf()?.first().copied() {
            None => return Ok(false),
            Some(0) if zeros(&mut self.input)?.is_some() => return Ok(false),
            Some(0) => return Err(self.garbage()),
            Some(_) => {}
        }
        let mut tap = Tap::new(&mut self.input);
        match self.decoder.reset(&mut tap) {
            Ok(()) => self.frame = Some(0),
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length, ..
            })) => self.skip(length.into())?,
            Err(error) => {
                let tapped = tap.finish();
                return Err(self.fault(error, tapped));
            }
        }
        self.is_first = false;
        Ok(true)
    }

    fn skip(&mut self, length: u64) -> io::Result<()> {
        let skipped = io::copy(&mut self.input.by_ref().take(length), &mut io::sink())?;
        if skipped < length { Err(self.truncated()) } else { Ok(()) }
    }

    /// Decodes until something can be read, and reads it; 0 at the end of the frame.
    fn decode(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
            let mut tap = Tap::new(&mut self.input);
            if let Err(error) = self.decoder.decode_blocks(&mut tap, BlockDecodingStrategy::UptoBlocks(1)) {
                let tapped = tap.finish();
                return Err(self.fault(error, tapped));
            }
        }
        self.decoder.read(buffer)
    }

    /// Compares the frame with what it says of itself.
    fn check(&self, length: u64) -> io::Result<()> {
        let expected = self.decoder.get_checksum_from_data();
        if expected.is_some() && expected != self.decoder.get_calculated_checksum() {
            return Err(self.damaged("its checksum does not match"));
        }
        if ![0, length].contains(&self.decoder.content_size()) {
            return Err(self.damaged("a frame is not as long as it says"));
        }
        Ok(())
    }

    fn fault(&self, error: FrameDecoderError, tapped: Tapped) -> io::Error {
        use FrameDecoderError::{ReadFrameHeaderError as Frame, WindowSizeTooBig};
        use ReadFrameHeaderError as Magic;
        match (tapped, error) {
            (Tapped::Failed(error), _) => error,
            (_, Frame(Magic::BadMagicNumber(_) | Magic::MagicNumberReadError(_))) if !self.is_first => {
                self.garbage()
            }
            (Tapped::Ended, _) => self.truncated(),
            (_, WindowSizeTooBig { requested: window, max: limit }) => {
                Fault::Window { name: self.name.to_owned(), window, limit }.into()
            }
            (_, error) => self.damaged(&error.to_string()),
        }
    }

    fn garbage(&self) -> io::Error {
        Fault::Garbage { name: self.name.to_owned() }.into()
    }

    fn damaged(&self, why: &str) -> io::Error {
        Fault::Damaged { name: self.name.to_owned(), why: why.to_owned() }.into()
    }

    fn truncated(&self) -> io::Error {
        Fault::truncated(self.name, "within its compressed data").into()
    }
}

impl Read for Zstd<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if let Some(length) = self.frame {
                let read = self.decode(buffer)?;
                if read > 0 {
                    self.frame = Some(length + read as u64);
                    return Ok(read);
                }
                self.check(length)?;
                self.frame = None;
            }
            if !self.next()? {
                return Ok(0);
            }
        }
    }
}

/// How reading went, which the decoder's errors bury.
enum Tapped {
    Well,
    Ended,
    Failed(io::Error),
}

/// Keeps how reading went.
struct Tap<'a> {
    inner: &'a mut dyn BufRead,
    tapped: Tapped,
}

impl<'a> Tap<'a> {
    fn new(inner: &'a mut dyn BufRead) -> Self {
        Self { inner, tapped: Tapped::Well }
    }

    fn finish(self) -> Tapped {
        self.tapped
    }
}

impl Read for Tap<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.inner.read(buffer) {
            Ok(0) if !buffer.is_empty() => {
                self.tapped = Tapped::Ended;
                Ok(0)
            }
            Ok(read) => Ok(read),
            Err(error) => {
                let kind = error.kind();
                self.tapped = Tapped::Failed(error);
                Err(kind.into())
            }
        }
    }
}
