//! The digest of a content.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::Path;

use sha2::{Digest as _, Sha256};

/// How many hexadecimal digits it has.
const DIGITS: usize = 64;

/// The SHA-256 of a content; shown as `sha256:…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest(String);

impl Digest {
    /// Reads 64 hexadecimal digits, alone or behind `sha256:`. The error says
    /// what is expected, and where the text is not so.
    pub fn parse(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix("sha256:").unwrap_or(text);
        let fault = match (digits.split_once(':'), digits.chars().find(|c| !c.is_ascii_hexdigit())) {
            (Some((algorithm, _)), _) => format!("this one begins with `{}:`", algorithm.escape_debug()),
            (None, Some(other)) => format!("`{}` is no such digit", other.escape_debug()),
            (None, None) if digits.len() != DIGITS => format!("this one has {}", digits.len()),
            (None, None) => return Ok(Self(digits.to_ascii_lowercase())),
        };
        Err(format!("a SHA-256 has {DIGITS} hexadecimal digits, alone or behind `sha256:`; {fault}"))
    }

    /// That of `content`.
    pub fn of(content: &[u8]) -> Self {
        Self::finish(Sha256::new_with_prefix(content))
    }

    /// That of a file's content.
    pub fn of_file(path: &Path) -> io::Result<Self> {
        let mut hash = HashWriter(Sha256::new());
        io::copy(&mut File::open(path)?, &mut hash)?;
        Ok(Self::finish(hash.0))
    }

    /// That of what has been hashed.
    pub fn finish(hash: Sha256) -> Self {
        let bytes = hash.finalize();
        let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
        Self(digits.map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])).collect())
    }

    /// Its hexadecimal digits.
    pub fn hex(&self) -> &str {
        &self.0
    }
}

/// Takes bytes into a digest.
struct HashWriter(Sha256);

impl io::Write for HashWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", self.0)
    }
}
