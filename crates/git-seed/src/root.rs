//! Paths as the user knows them.

use crate::fault::Fault;
use crate::refusal::Refusal;
use crate::shown::shown;

/// Where the root of the tree lies in what the user gave: below an archive's
/// one top folder, or `None` if it is a folder that was given.
#[derive(Clone, Copy)]
pub(crate) struct Root<'a>(pub Option<&'a str>);

impl Root<'_> {
    /// A path under the root as `tar --list` has it, fit for a message.
    pub(crate) fn shown(self, path: &str) -> String {
        match self.0 {
            Some(top) => shown(format!("{top}/{path}").as_bytes()),
            None => shown(path.as_bytes()),
        }
    }

    /// The refusal of the entry with a path under the root.
    pub(crate) fn refuse(self, path: &str, refusal: Refusal) -> Fault {
        Fault::Entry { entry: self.shown(path), refusal }
    }
}
