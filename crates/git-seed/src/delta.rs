//! Objects told as a difference from others; see gitformat-pack(5), "Deltified representation".

use crate::cause::Cause;

/// Makes the object of `delta` from its base, if that is no larger than `most` bytes.
pub(crate) fn apply(base: &[u8], delta: &[u8], most: u64) -> Result<Vec<u8>, Cause> {
    let mut delta = Delta(delta);
    let from = delta.size()?;
    let size = delta.size()?;
    if from != base.len() as u64 || size > most {
        return Err(broken());
    }
    let mut out = Vec::new();
    while let Some(code) = delta.byte() {
        let part = match code {
            0 => return Err(broken()),
            1..=0x7f => delta.take(usize::from(code))?,
            _ => delta.copy(code, base)?,
        };
        if (out.len() + part.len()) as u64 > size {
            return Err(broken());
        }
        out.extend_from_slice(part);
    }
    if out.len() as u64 == size { Ok(out) } else { Err(broken()) }
}

fn broken() -> Cause {
    Cause::protocol("a delta that does not fit its base")
}

struct Delta<'a>(&'a [u8]);

impl<'a> Delta<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Cause> {
        let (part, rest) = self.0.split_at_checked(count).ok_or_else(broken)?;
        self.0 = rest;
        Ok(part)
    }

    /// Seven bits in each byte, the lowest first.
    fn size(&mut self) -> Result<u64, Cause> {
        let mut size = 0;
        for shift in (0..56).step_by(7) {
            let byte = self.byte().ok_or_else(broken)?;
            size |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(size);
            }
        }
        Err(broken())
    }

    /// A part of the base; `code` says which bytes of its place and length follow.
    fn copy(&mut self, code: u8, base: &'a [u8]) -> Result<&'a [u8], Cause> {
        let mut number = |bits: u8, count: u8| {
            let mut value = 0_usize;
            for index in 0..count {
                if bits & (1 << index) != 0 {
                    value |= usize::from(self.byte().ok_or_else(broken)?) << (8 * index);
                }
            }
            Ok::<_, Cause>(value)
        };
        let start = number(code, 4)?;
        let count = match number(code >> 4 & 0b111, 3)? {
            0 => 0x1_0000,
            count => count,
        };
        let end = start.checked_add(count).ok_or_else(broken)?;
        base.get(start..end).ok_or_else(broken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_and_inserts() {
        let delta = [&[10, 7, 0b1001_0001, 2, 3][..], &[2], b"ab", &[0b1001_0000, 2]].concat();
        assert_eq!(apply(b"0123456789", &delta, 100).unwrap(), b"234ab01");
        assert!(apply(b"0123456789", &delta, 6).is_err(), "larger than allowed");
        assert!(apply(b"012345678", &delta, 100).is_err(), "another base");
        assert!(apply(b"0123456789", &delta[..delta.len() - 1], 100).is_err(), "cut");
    }
}
