//! What comes before a header and says more of it: GNU's long names, and the
//! records of POSIX's pax format.

use crate::refusal::Refusal;

/// Bytes of one such block: many times what any name or attribute has.
pub(super) const LONGEST: u64 = 1 << 20;

/// What was said of the next entry.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Extensions {
    pub(super) path: Option<Vec<u8>>,
    pub(super) target: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    pub(super) time: Option<i64>,
    pub(super) is_sparse: bool,
}

impl Extensions {
    /// Takes GNU's long name.
    pub(super) fn long_name(&mut self, data: &[u8]) -> Result<(), Refusal> {
        once(&mut self.path, without_nul(data), "path")
    }

    /// Takes GNU's long target.
    pub(super) fn long_target(&mut self, data: &[u8]) -> Result<(), Refusal> {
        once(&mut self.target, without_nul(data), "target")
    }

    /// Takes pax records.
    pub(super) fn records(&mut self, data: &[u8]) -> Result<(), Refusal> {
        let mut rest = data;
        while !rest.is_empty() {
            let (key, value, after) = record(rest).ok_or(Refusal::Ambiguous("pax records"))?;
            self.record(key, value)?;
            rest = after;
        }
        Ok(())
    }

    /// Whether nothing was said that changes the entry; a time does not matter much.
    pub(super) fn is_empty(&self) -> bool {
        let Self { path, target, size, time: _, is_sparse } = self;
        path.is_none() && target.is_none() && size.is_none() && !is_sparse
    }

    fn record(&mut self, key: &[u8], value: &[u8]) -> Result<(), Refusal> {
        match key {
            b"path" => once(&mut self.path, value.to_owned(), "path"),
            b"linkpath" => once(&mut self.target, value.to_owned(), "target"),
            b"size" => once(&mut self.size, number(value).ok_or(Refusal::Ambiguous("size"))?, "size"),
            b"mtime" => once(&mut self.time, time(value).ok_or(Refusal::Ambiguous("time"))?, "time"),
            key if key.starts_with(b"GNU.sparse.") => {
                self.is_sparse = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// Readers differ in which of two they believe.
fn once<T>(slot: &mut Option<T>, value: T, what: &'static str) -> Result<(), Refusal> {
    if slot.replace(value).is_some() { Err(Refusal::Ambiguous(what)) } else { Ok(()) }
}

fn without_nul(data: &[u8]) -> Vec<u8> {
    data.strip_suffix(b"\0").unwrap_or(data).to_owned()
}

/// One record, `LENGTH KEY=VALUE\n`, where LENGTH counts all of it; and what is
/// behind it. [`tar::PaxExtensions`] splits at each `\n`, which values may have.
fn record(data: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = data.iter().position(|byte| *byte == b' ')?;
    let length = usize::try_from(number(&data[..space])?).ok()?;
    let (record, after) = data.split_at_checked(length)?;
    let text = record.get(space + 1..)?.strip_suffix(b"\n")?;
    let equals = text.iter().position(|byte| *byte == b'=')?;
    Some((&text[..equals], &text[equals + 1..], after))
}

/// Decimal digits and nothing else.
fn number(text: &[u8]) -> Option<u64> {
    let text = str::from_utf8(text).ok()?;
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Seconds since 1970, of which a fraction may follow.
fn time(text: &[u8]) -> Option<i64> {
    let text = str::from_utf8(text).ok()?;
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_time = fraction.bytes().all(|byte| byte.is_ascii_digit());
    is_time.then(|| seconds.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(data: &[u8]) -> Result<Extensions, Refusal> {
        let mut extensions = Extensions::default();
        extensions.records(data)?;
        Ok(extensions)
    }

    #[test]
    fn records_are_read_by_their_length() {
        let seen = taken(b"12 path=a/b\n20 xattr=1\n6 path=c\n20 mtime=1700000000.5\n");
        assert_eq!(seen, Err(Refusal::Ambiguous("pax records")), "the last has a length that is wrong");
        let seen = taken(b"12 path=a/b\n20 xattr=1\n6 path=c\n22 mtime=1700000000.5\n").unwrap();
        assert_eq!(seen.path.as_deref(), Some(&b"a/b"[..]));
        assert_eq!(seen.time, Some(1_700_000_000));
    }

    #[test]
    fn what_readers_could_take_in_two_ways_is_refused() {
        for data in [
            &b"9 path=a\n9 path=b\n"[..],
            b"9 path=a",
            b"11 path=a\n",
            b"+9 path=a\n",
            b"9  path=a\n",
            b"99999999999999999999 path=a\n",
            b"6 path\n",
            b"8 size=x\n",
            b"9 size=-1\n",
            b"13 mtime=now\n",
            b"\n",
        ] {
            assert!(taken(data).is_err(), "{}", data.escape_ascii());
        }
        let mut both = taken(b"9 path=a\n").unwrap();
        assert!(both.long_name(b"a\0").is_err());
    }
}
