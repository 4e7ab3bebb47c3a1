//! The one top folder of an archive.

use crate::fault::Fault;
use crate::shown::shown;

/// Finds the one top folder, and takes it off paths.
#[derive(Default)]
pub(super) struct Top(Option<String>);

impl Top {
    /// What of `path` is under the top folder; `None` if it is the folder itself.
    /// `name` is the archive's.
    pub(super) fn strip<'p>(
        &mut self,
        path: &'p str,
        is_folder: bool,
        name: &str,
    ) -> Result<Option<&'p str>, Fault> {
        let (first, rest) = match path.split_once('/') {
            Some((first, rest)) => (first, Some(rest)),
            None if is_folder => (path, None),
            None => return Err(Fault::NoTop { name: name.to_owned(), entry: shown(path.as_bytes()) }),
        };
        let top = self.0.get_or_insert_with(|| first.to_owned());
        if top != first {
            let (first, second) = (shown(top.as_bytes()), shown(first.as_bytes()));
            return Err(Fault::SeveralTops { name: name.to_owned(), first, second });
        }
        Ok(rest)
    }

    /// What of `path` is under the top folder, if it is.
    pub(super) fn under<'p>(&self, path: &'p str) -> Option<&'p str> {
        path.strip_prefix(self.0.as_deref()?)?.strip_prefix('/')
    }

    /// Its name, if there was any entry.
    pub(super) fn name(self) -> Option<String> {
        self.0
    }
}
