//! Packs as we send them: version 2, nothing deltified; see gitformat-pack(5).

use std::io::{self, Read, Write};

use flate2::{Compress, Compression, FlushCompress, Status};
use sha1::{Digest, Sha1};

/// The kind of an object, as a pack tells it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Commit = 1,
    Tree = 2,
    Blob = 3,
}

/// Bytes that are read, and that are compressed, at once.
const BUFFER: usize = 1 << 15;

/// Below this size, in bytes, what a better compression saves is less than the
/// time that it takes to prepare.
const SMALL: u64 = 4096;

/// Level 1 of zlib-rs has fixed codes: fast to begin with, and a third larger
/// than those of level 2, which take as long as the rest of the way.
fn level(size: u64) -> Compression {
    if size < SMALL { Compression::fast() } else { Compression::new(2) }
}

/// Writes a pack. Without [`Pack::finish`] it is not one, and no server keeps it.
pub(crate) struct Pack<W> {
    out: Out<W>,
    deflater: Compress,
    left: u32,
    // Made once: to clear them for each of many small objects takes longer than those do.
    plain: Box<[u8]>,
    packed: Box<[u8]>,
}

/// Where the pack goes, hashed.
struct Out<W> {
    inner: W,
    hash: Sha1,
}

impl<W: Write> Pack<W> {
    /// Begins a pack of exactly `objects` objects.
    pub(crate) fn new(out: W, objects: u32) -> io::Result<Self> {
        let deflater = Compress::new(Compression::fast(), true);
        let mut out = Out { inner: out, hash: Sha1::new() };
        out.put(b"PACK\0\0\0\x02")?;
        out.put(&objects.to_be_bytes())?;
        let buffer = || vec![0; BUFFER].into_boxed_slice();
        Ok(Self { out, deflater, left: objects, plain: buffer(), packed: buffer() })
    }

    /// Adds an object of `size` bytes. Errors are those of `data`, which must
    /// have that many, and of the writer.
    pub(crate) fn object(&mut self, kind: Kind, size: u64, data: &mut dyn Read) -> io::Result<()> {
        self.left = self.left.checked_sub(1).ok_or_else(|| wrong("more objects than were announced"))?;
        self.out.put(&header(kind, size))?;
        self.deflater.reset();
        self.deflater.set_level(level(size)).map_err(io::Error::other)?;
        loop {
            let count = match data.read(&mut self.plain) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                result => result?,
            };
            let last = count == 0;
            self.deflate(count, last)?;
            if last {
                break;
            }
        }
        if self.deflater.total_in() == size { Ok(()) } else { Err(wrong("an object of another size")) }
    }

    /// Ends the pack, once all objects were added.
    pub(crate) fn finish(self) -> io::Result<()> {
        if self.left > 0 {
            return Err(wrong("fewer objects than were announced"));
        }
        let Out { mut inner, hash } = self.out;
        inner.write_all(&hash.finalize())?;
        inner.flush()
    }

    /// Takes so many bytes of those that were read.
    fn deflate(&mut self, count: usize, last: bool) -> io::Result<()> {
        let flush = if last { FlushCompress::Finish } else { FlushCompress::None };
        let mut input = &self.plain[..count];
        loop {
            let (taken, made) = (self.deflater.total_in(), self.deflater.total_out());
            let status = self.deflater.compress(input, &mut self.packed, flush).map_err(io::Error::other)?;
            input = &input[index(self.deflater.total_in() - taken)..];
            let made = index(self.deflater.total_out() - made);
            self.out.put(&self.packed[..made])?;
            if status == Status::StreamEnd || (!last && input.is_empty() && made < self.packed.len()) {
                return Ok(());
            }
        }
    }
}

impl<W: Write> Out<W> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.inner.write_all(bytes)
    }
}

/// A count of bytes of a buffer, which cannot be larger than that.
fn index(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the pack would have {what}"))
}

/// Three bits of kind, and the size: four bits, then seven in each further byte.
fn header(kind: Kind, size: u64) -> Vec<u8> {
    let [low, ..] = size.to_le_bytes();
    let mut bytes = vec![(kind as u8) << 4 | low & 0xf];
    let mut rest = size >> 4;
    while rest > 0 {
        if let Some(byte) = bytes.last_mut() {
            *byte |= 0x80;
        }
        let [low, ..] = rest.to_le_bytes();
        bytes.push(low & 0x7f);
        rest >>= 7;
    }
    bytes
}
