//! From files to trees.

use std::collections::HashSet;

use gix_hash::ObjectId;

use crate::hash::Hasher;
use crate::index::Index;
use crate::release::{File, Mode, Release};

/// The trees of a release with their content, children before parents, each
/// once; the last is the root, whose id is [`Release::tree`].
pub fn trees(release: &Release) -> impl Iterator<Item = (ObjectId, Vec<u8>)> + '_ {
    let mut seen = HashSet::new();
    Trees::new(&release.files).filter(move |(id, _)| seen.insert(*id))
}

/// The id of the root tree, if there are files.
pub(crate) fn root(files: &[File]) -> Option<ObjectId> {
    Trees::new(files).last().map(|(id, _)| id)
}

/// Walks sorted files, and keeps the trees that they are in the midst of.
struct Trees<'a> {
    index: Index<'a>,
    next: usize,
    open: Vec<Tree<'a>>,
}

/// A tree that is not complete yet.
struct Tree<'a> {
    /// Path of the folder with a `/` behind it; empty for the root.
    prefix: &'a str,
    content: Vec<u8>,
}

impl<'a> Trees<'a> {
    fn new(files: &'a [File]) -> Self {
        let index = Index::new(files);
        let root = Tree { prefix: "", content: Vec::new() };
        let open = if files.is_empty() { Vec::new() } else { vec![root] };
        Self { index, next: 0, open }
    }

    /// Takes files until the innermost tree is complete.
    fn fill(&mut self) {
        while let (Some(file), Some(tree)) = (self.index.get(self.next), self.open.last_mut()) {
            let Some(rest) = file.path.strip_prefix(tree.prefix) else { return };
            if let Some(slash) = rest.find('/') {
                let prefix = &file.path[..=tree.prefix.len() + slash];
                self.open.push(Tree { prefix, content: Vec::new() });
            } else {
                tree.push(file.mode.octal(), rest, &file.id);
                self.next += 1;
            }
        }
    }
}

impl Iterator for Trees<'_> {
    type Item = (ObjectId, Vec<u8>);

    fn next(&mut self) -> Option<Self::Item> {
        self.fill();
        let tree = self.open.pop()?;
        let mut hasher = Hasher::new("tree", tree.content.len() as u64);
        hasher.update(&tree.content);
        let id = hasher.finish();
        if let Some(parent) = self.open.last_mut() {
            let name = tree.prefix[parent.prefix.len()..].trim_end_matches('/');
            parent.push("40000", name, &id);
        }
        Some((id, tree.content))
    }
}

impl Tree<'_> {
    fn push(&mut self, mode: &str, name: &str, id: &ObjectId) {
        for bytes in [mode.as_bytes(), b" ", name.as_bytes(), b"\0", id.as_slice()] {
            self.content.extend_from_slice(bytes);
        }
    }
}

impl Mode {
    /// As trees have it.
    pub(crate) fn octal(self) -> &'static str {
        match self {
            Self::Plain => "100644",
            Self::Executable => "100755",
            Self::Link => "120000",
        }
    }
}
