//! The files of a release in Git's order.

use crate::release::File;

/// Files sorted by the bytes of their paths, which is the order that Git has
/// for an index and, folder by folder, for trees.
pub(crate) struct Index<'a> {
    files: &'a [File],
    order: Vec<u32>,
}

impl<'a> Index<'a> {
    #[expect(clippy::cast_possible_truncation, reason = "entries are counted, far below 2^32")]
    pub(crate) fn new(files: &'a [File]) -> Self {
        let mut order: Vec<u32> = (0..files.len() as u32).collect();
        // Of two with one path the earlier one comes first.
        order.sort_unstable_by_key(|at| (&files[*at as usize].path, *at));
        Self { files, order }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    /// The file at a place in the order.
    pub(crate) fn get(&self, place: usize) -> Option<&'a File> {
        self.order.get(place).map(|at| &self.files[*at as usize])
    }

    /// All of them, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &'a File> {
        self.order.iter().map(|at| &self.files[*at as usize])
    }

    /// The file at a place among the files as the source has them.
    pub(crate) fn file(&self, at: usize) -> &'a File {
        &self.files[at]
    }

    /// Where among the files, as the source has them, the one with that path is.
    pub(crate) fn find(&self, path: &str) -> Option<usize> {
        let place =
            self.order.binary_search_by(|at| self.files[*at as usize].path.as_str().cmp(path)).ok()?;
        Some(self.order[place] as usize)
    }
}
