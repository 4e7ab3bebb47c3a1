//! The objects of a pack, one after another, as they come.

use std::io::{self, BufRead, Read};

use flate2::{Decompress, FlushDecompress, Status};
use gix_hash::ObjectId;
use gix_object::Kind;

use crate::cause::Cause;
use crate::hashed::Hashed;

/// What is said of an object before its data.
#[derive(Clone, Copy, Debug)]
pub(super) enum Entry {
    /// A commit, a tree, a blob or a tag.
    Whole(Kind),
    /// A delta whose base begins so many bytes before it.
    Back(u64),
    /// A delta whose base has that id.
    Of(ObjectId),
}

/// Reads a pack.
pub(super) struct Stream<R> {
    input: Hashed<R>,
    inflater: Decompress,
}

impl<R: Read> Stream<R> {
    pub(super) fn new(read: R) -> Self {
        Self { input: Hashed::new(read), inflater: Decompress::new(true) }
    }

    /// Where in the pack we are.
    pub(super) fn place(&self) -> u64 {
        self.input.position()
    }

    /// Reads the beginning, which says how many objects follow.
    pub(super) fn header(&mut self) -> Result<u32, Cause> {
        match self.bytes()? {
            [b'P', b'A', b'C', b'K', 0, 0, 0, 2 | 3, a, b, c, d] => Ok(u32::from_be_bytes([a, b, c, d])),
            _ => Err(Cause::protocol("no pack of version 2")),
        }
    }

    /// Reads the end, which has the hash of all before.
    pub(super) fn trailer(self) -> Result<(), Cause> {
        let (hash, mut rest) = self.input.finish();
        let mut trailer = [0; 20];
        rest.read_exact(&mut trailer)?;
        if trailer == hash && rest.fill_buf()?.is_empty() {
            Ok(())
        } else {
            Err(Cause::protocol("a damaged pack"))
        }
    }

    /// Reads what stands before an object's data, and its size.
    pub(super) fn entry(&mut self) -> Result<(Entry, u64), Cause> {
        let (kind, size) = self.kind_and_size()?;
        let entry = match kind {
            1 => Entry::Whole(Kind::Commit),
            2 => Entry::Whole(Kind::Tree),
            3 => Entry::Whole(Kind::Blob),
            4 => Entry::Whole(Kind::Tag),
            6 => Entry::Back(self.distance()?),
            7 => Entry::Of(ObjectId::Sha1(self.bytes()?)),
            _ => return Err(Cause::protocol("an object of an unknown kind")),
        };
        Ok((entry, size))
    }

    /// Three bits of kind, then a size: four bits, and seven in each further byte.
    fn kind_and_size(&mut self) -> Result<(u8, u64), Cause> {
        let mut byte = self.byte()?;
        let kind = (byte >> 4) & 0b111;
        let mut size = u64::from(byte & 0xf);
        let mut shift = 4;
        while byte & 0x80 != 0 {
            if shift > 53 {
                return Err(Cause::protocol("an object of an absurd size"));
            }
            byte = self.byte()?;
            size |= u64::from(byte & 0x7f) << shift;
            shift += 7;
        }
        Ok((kind, size))
    }

    /// Seven bits in each byte, the highest first, and one more for each further byte.
    fn distance(&mut self) -> Result<u64, Cause> {
        let mut byte = self.byte()?;
        let mut distance = u64::from(byte & 0x7f);
        while byte & 0x80 != 0 {
            if distance >= 1 << 48 {
                return Err(Cause::protocol("a delta of nothing"));
            }
            byte = self.byte()?;
            distance = ((distance + 1) << 7) | u64::from(byte & 0x7f);
        }
        Ok(distance)
    }

    /// Passes over the data of an object of exactly `size` bytes.
    pub(super) fn pass(&mut self, size: u64) -> Result<(), Cause> {
        self.inflate(size, &mut |_| {})
    }

    /// Reads the data of an object of exactly `size` bytes.
    pub(super) fn data(&mut self, size: u64) -> Result<Vec<u8>, Cause> {
        let mut data = Vec::new();
        self.inflate(size, &mut |part| data.extend_from_slice(part))?;
        Ok(data)
    }

    fn inflate(&mut self, size: u64, take: &mut dyn FnMut(&[u8])) -> Result<(), Cause> {
        self.inflater.reset(true);
        let mut out = [0; 1 << 14];
        loop {
            let input = self.input.fill_buf()?;
            if input.is_empty() {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            let before = (self.inflater.total_in(), self.inflater.total_out());
            let status = self.inflater.decompress(input, &mut out, FlushDecompress::None);
            let status = status.map_err(|_| Cause::protocol("an object that cannot be inflated"))?;
            let taken = count(self.inflater.total_in() - before.0);
            let made = count(self.inflater.total_out() - before.1);
            self.input.consume(taken);
            take(&out[..made]);
            let total = self.inflater.total_out();
            match status {
                Status::StreamEnd if total == size => return Ok(()),
                Status::Ok | Status::BufError if total <= size && taken + made > 0 => {}
                _ => return Err(Cause::protocol("an object of another size than it says")),
            }
        }
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Cause> {
        let mut bytes = [0; N];
        self.input.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn byte(&mut self) -> Result<u8, Cause> {
        self.bytes().map(|[byte]| byte)
    }
}

/// Bytes of a buffer, of which there cannot be more than a `usize` can hold.
fn count(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
