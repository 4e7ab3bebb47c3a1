//! What a path, and a link's target, may be.

mod special;

use std::fmt;

use gix_validate::path::component::{self, Error, Options};

use crate::limits::Limits;
use crate::refusal::Refusal;
use crate::shown::shown;
pub(crate) use special::special;

/// The rule that a path breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// A NUL byte.
    Nul,
    /// Bytes that are no UTF-8.
    Encoding,
    /// A `/` at the beginning.
    Absolute,
    /// A part `..`.
    Parent,
    /// An empty part, or a `.` that is not the first.
    Empty,
    /// A backslash.
    Backslash,
    /// A letter and a colon at the beginning.
    Drive,
    /// A part that some file system takes for `.git`.
    DotGit,
    /// A part that Windows takes for a device.
    Device,
    /// A control character, which Windows forbids.
    Control,
    /// One of `<>:"|?*`, which Windows forbids.
    Reserved,
    /// A part that ends in a dot or a space, which Windows drops.
    Ending,
    /// A part of more than 255 bytes.
    LongName,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nul => "its path has a NUL byte",
            Self::Encoding => "its path is not UTF-8",
            Self::Absolute => "its path is absolute",
            Self::Parent => "its path has a part `..`",
            Self::Empty => "its path has an empty part or a `.`",
            Self::Backslash => "its path has a backslash",
            Self::Drive => "its path begins with a drive letter",
            Self::DotGit => "a part of its path is `.git` to some file system",
            Self::Device => "a part of its path is a device to Windows",
            Self::Control => "its path has a control character",
            Self::Reserved => "its path has one of the characters `<>:\"|?*`",
            Self::Ending => "a part of its path ends in a dot or a space",
            Self::LongName => "a part of its path has more than 255 bytes",
        })
    }
}

/// Bytes that a name may have on the file systems of Linux, macOS and Windows:
/// no checkout can make a longer one.
const LONGEST: usize = 255;

/// `path` as it stands in an archive, valid for Git, NTFS and HFS+, without a
/// `./` before it and a `/` behind it. Empty for the archive's own root.
pub(crate) fn valid<'p>(path: &'p [u8], is_link: bool, limits: &Limits) -> Result<&'p str, Refusal> {
    if path.len() as u64 > limits.path {
        return Err(Refusal::LongPath(limits.path));
    }
    let path = text(path)?;
    if path.starts_with('/') {
        return Err(Refusal::Path(Rule::Absolute));
    }
    let path = if path == "." { "" } else { path.strip_prefix("./").unwrap_or(path) };
    if path.is_empty() {
        return Ok(path);
    }
    if matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic()) {
        return Err(Refusal::Path(Rule::Drive));
    }
    let path = path.strip_suffix('/').unwrap_or(path);
    let (folders, last) = path.rsplit_once('/').map_or(("", path), |(folders, last)| (folders, last));
    let folders = folders.split('/').filter(|_| !folders.is_empty());
    folders
        .map(|folder| (folder, false))
        .chain([(last, is_link)])
        .try_for_each(|(part, is_link)| check(part, is_link))?;
    Ok(path)
}

/// Fails if `path`, under the root of the tree, is too deep.
pub(crate) fn within(path: &str, limits: &Limits) -> Result<(), Refusal> {
    let folders = path.bytes().filter(|byte| *byte == b'/').count() as u64;
    if folders > limits.depth { Err(Refusal::Deep(limits.depth)) } else { Ok(()) }
}

/// The target of a symbolic link, which is relative and does not name `.git`.
/// Where it leads is seen once all links are known.
pub(crate) fn target(target: &[u8]) -> Result<&str, Refusal> {
    let text = text(target).map_err(|_| Refusal::OddTarget(shown(target)))?;
    let is_drive = text.as_bytes().get(1) == Some(&b':');
    if text.is_empty() {
        return Err(Refusal::NoTarget);
    }
    if text.starts_with('/') || text.contains('\\') || is_drive {
        return Err(Refusal::AbsoluteTarget(shown(target)));
    }
    let mut parts = text.split('/').filter(|part| !["", ".", ".."].contains(part));
    if parts.any(|part| rule(part, false) == Some(Rule::DotGit)) {
        return Err(Refusal::TargetsGit(shown(target)));
    }
    Ok(text)
}

fn text(bytes: &[u8]) -> Result<&str, Refusal> {
    if bytes.contains(&0) {
        return Err(Refusal::Path(Rule::Nul));
    }
    str::from_utf8(bytes).map_err(|_| Refusal::Path(Rule::Encoding))
}

fn check(part: &str, is_link: bool) -> Result<(), Refusal> {
    if let Some(name) = special(part).filter(|_| is_link) {
        return Err(Refusal::SpecialLink(name));
    }
    if part.len() > LONGEST {
        return Err(Refusal::Path(Rule::LongName));
    }
    rule(part, is_link).map_or(Ok(()), |rule| Err(Refusal::Path(rule)))
}

fn rule(part: &str, is_link: bool) -> Option<Rule> {
    let mode = is_link.then_some(component::Mode::Symlink);
    let error = gix_validate::path::component(part.into(), mode, Options::default()).err()?;
    Some(match error {
        Error::Relative if part == ".." => Rule::Parent,
        Error::Relative | Error::Empty => Rule::Empty,
        Error::PathSeparator => Rule::Backslash,
        Error::WindowsReservedName => Rule::Device,
        Error::DotGitDir => Rule::DotGit,
        _ => forbidden(part),
    })
}

/// The rule for names on Windows that `part`, which breaks one, breaks.
fn forbidden(part: &str) -> Rule {
    if part.bytes().any(|byte| byte < b' ') {
        Rule::Control
    } else if part.contains(['<', '>', ':', '"', '|', '?', '*']) {
        Rule::Reserved
    } else {
        Rule::Ending
    }
}
