//! One entry of a release, as both origins give it.

use std::io::Read;

use crate::fault::Fault;
use crate::progress::{Phase, Progress};

/// One entry, whose path is valid and within the limits.
pub(crate) struct Entry<'a> {
    /// Path under the root of the tree.
    pub path: &'a str,
    pub kind: Kind<'a>,
    /// Bytes of the content that comes with it.
    pub size: u64,
    /// When it was changed last, in seconds since 1970.
    pub time: i64,
}

pub(crate) enum Kind<'a> {
    Folder,
    File {
        executable: bool,
    },
    /// A symbolic link; its content is its target.
    Link {
        target: &'a str,
    },
    /// Another name of the file at `target`, a path under the root of the tree.
    HardLink {
        target: &'a str,
    },
}

/// Takes each entry with its content, which has exactly the bytes that it says.
pub(crate) type Visit<'a> = dyn FnMut(&Entry<'_>, &mut dyn Read) -> Result<(), Fault> + 'a;

/// Whom to tell how far it is, and in which pass.
#[derive(Clone, Copy)]
pub(crate) struct Watch<'a> {
    pub progress: &'a dyn Progress,
    pub phase: Phase,
}

impl Watch<'_> {
    /// Fails if the caller has given up. `name` is what is read.
    pub(crate) fn check(self, name: &str) -> Result<(), Fault> {
        if self.progress.is_cancelled() { Err(Fault::interrupted(name)) } else { Ok(()) }
    }
}
