//! What one header of tar's says, where all readers of tar agree about it.

use std::borrow::Cow;

use tar::Header;

/// What a header describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    File,
    HardLink,
    Link,
    Folder,
    /// GNU: the next one's name.
    LongName,
    /// GNU: the next one's target.
    LongTarget,
    /// POSIX: records about the next one.
    Records,
    /// POSIX: records about all that follow.
    GlobalRecords,
    Other(u8),
}

impl Type {
    pub(super) const SPARSE: Self = Self::Other(b'S');

    pub(super) fn of(header: &Header) -> Self {
        match header.as_old().linkflag[0] {
            b'0' | 0 => Self::File,
            b'1' => Self::HardLink,
            b'2' => Self::Link,
            b'5' => Self::Folder,
            b'L' => Self::LongName,
            b'K' => Self::LongTarget,
            b'x' => Self::Records,
            b'g' => Self::GlobalRecords,
            other => Self::Other(other),
        }
    }

    /// What people call a type that Git cannot hold.
    pub(super) fn noun(other: u8) -> String {
        match other {
            b'3' => "a character device".to_owned(),
            b'4' => "a block device".to_owned(),
            b'6' => "a named pipe".to_owned(),
            b'S' => "a sparse file".to_owned(),
            other => format!("of the unknown type `{}`", other.escape_ascii()),
        }
    }
}

/// What is wrong with a header as such: readers of tar would differ about it.
pub(super) fn flaw(header: &Header) -> Option<&'static str> {
    let old = header.as_old();
    let magic = &header.as_bytes()[257..265];
    if header.as_ustar().is_none() && header.as_gnu().is_none() && magic != [0; 8] {
        return Some("its format is unknown");
    }
    if !is_number(&old.size) {
        return Some("its size is no number");
    }
    let mut texts = vec![&old.name[..], &old.linkname[..]];
    texts.extend(header.as_ustar().map(|ustar| &ustar.prefix[..]));
    if texts.into_iter().any(hides_bytes) {
        return Some("its name goes on after a NUL byte");
    }
    None
}

/// Whether a size is octal digits, or binary and not larger than 64 bits.
fn is_number(field: &[u8]) -> bool {
    match field[0] {
        0x80 => field[1..4] == [0; 3],
        _ => field.iter().all(|byte| matches!(byte, b'0'..=b'7' | b' ' | 0)),
    }
}

fn hides_bytes(field: &[u8]) -> bool {
    let rest = field.iter().skip_while(|byte| **byte != 0);
    rest.into_iter().any(|byte| *byte != 0)
}

/// The path that the header itself has.
pub(super) fn path(header: &Header) -> Vec<u8> {
    header.path_bytes().into_owned()
}

/// The target that the header itself has.
pub(super) fn target(header: &Header) -> Vec<u8> {
    header.link_name_bytes().map(Cow::into_owned).unwrap_or_default()
}
