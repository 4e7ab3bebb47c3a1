//! Finds out how an archive is compressed, by its first bytes.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use super::gzip::Gzip;
use super::meter::Raw;
use super::zstd::Zstd;
use crate::fault::Fault;

/// Bytes that are read before a decoder: enough for every magic number.
const HEAD: u64 = 512;

/// Bytes that a decoder is given at once.
const BUFFER: usize = 64 << 10;

/// What else people give, by its magic number.
const OTHERS: [(&[u8], &str); 5] = [
    (b"PK\x03\x04", "a zip archive"),
    (b"\xfd7zXZ\0", "compressed with xz"),
    (b"BZh", "compressed with bzip2"),
    (b"!<arch>\n", "a Debian package or another archive of ar's"),
    (b"\x7fELF", "a program"),
];

/// What gives the tar archive in `raw`, decompressed if it has to be.
pub(super) fn decoder<'a>(raw: Raw<'a>, name: &'a str) -> io::Result<Box<dyn Read + 'a>> {
    let mut raw = BufReader::with_capacity(BUFFER, raw);
    let mut head = Vec::new();
    raw.by_ref().take(HEAD).read_to_end(&mut head)?;
    let is_zstd = matches!(head[..], [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]);
    let is_gzip = head.starts_with(b"\x1f\x8b");
    if let Some((_, found)) = OTHERS.into_iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(Fault::Format { name: name.to_owned(), found }.into());
    }
    if head.is_empty() {
        return Err(Fault::Format { name: name.to_owned(), found: "empty" }.into());
    }
    let whole: Box<dyn BufRead + 'a> = Box::new(Cursor::new(head).chain(raw));
    Ok(match (is_gzip, is_zstd) {
        (true, _) => Box::new(Gzip::new(whole, name)),
        (_, true) => Box::new(Zstd::new(whole, name)),
        _ => Box::new(whole),
    })
}
