//! gzip: any number of members, then nothing but zeros.

use std::error::Error;
use std::io::{self, BufRead, ErrorKind, Read};
use std::mem;

use flate2::bufread::GzDecoder;

use super::zeros;
use crate::fault::Fault;

/// Decompresses gzip. Unlike [`flate2::bufread::MultiGzDecoder`] it takes zeros
/// behind the last member, as on a tape, and tells what else is there from a
/// member that is damaged.
pub(super) struct Gzip<'a> {
    decoder: GzDecoder<Box<dyn BufRead + 'a>>,
    name: &'a str,
    is_first: bool,
    is_done: bool,
}

impl<'a> Gzip<'a> {
    pub(super) fn new(input: Box<dyn BufRead + 'a>, name: &'a str) -> Self {
        Self { decoder: GzDecoder::new(input), name, is_first: true, is_done: false }
    }

    /// Goes on to the next member, or finds that there is none.
    fn next(&mut self) -> io::Result<()> {
        let input = self.decoder.get_mut();
        match input.fill_buf()?.first().copied() {
            None => self.is_done = true,
            Some(0) if zeros(input)?.is_some() => self.is_done = true,
            Some(0x1f) => {
                let input = mem::replace(input, Box::new(io::empty()));
                self.decoder.reset(input);
                self.is_first = false;
            }
            Some(_) => return Err(Fault::Garbage { name: self.name.to_owned() }.into()),
        }
        Ok(())
    }

    fn fault(&self, error: io::Error) -> io::Error {
        let name = self.name.to_owned();
        if let Some(true) = error.get_ref().map(<dyn Error + Send + Sync>::is::<Fault>) {
            return error;
        }
        if error.kind() == ErrorKind::UnexpectedEof {
            return Fault::truncated(self.name, "within its compressed data").into();
        }
        // The header is known once it was read whole.
        if !self.is_first && self.decoder.header().is_none() {
            return Fault::Garbage { name }.into();
        }
        Fault::Damaged { name, why: error.to_string() }.into()
    }
}

impl Read for Gzip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.is_done && !buffer.is_empty() {
            match self.decoder.read(buffer) {
                Ok(0) => self.next()?,
                Ok(read) => return Ok(read),
                Err(error) => return Err(self.fault(error)),
            }
        }
        Ok(0)
    }
}
