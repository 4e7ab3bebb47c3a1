//! A release compared with the branch, file by file, by what Git calls them.

use std::collections::{BTreeMap, BTreeSet};

use git_seed::{File, Head, Listing, Release};
use serde::Serialize;

use super::failure::told;
use super::head::head;
use crate::context::Context;
use crate::forge::Forge;
use crate::release::Watched;

/// How a release and a branch differ. Paths are sorted.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Files of the release that the branch lacks.
    pub missing: Vec<String>,
    /// Files of the branch that the release lacks.
    pub added: Vec<String>,
    /// Files with another content.
    pub changed: Vec<String>,
    /// Files that are alike but for their mode.
    pub modes: Vec<String>,
}

impl Comparison {
    /// Whether they are the same.
    pub fn is_same(&self) -> bool {
        *self == Self::default()
    }

    /// How many files differ.
    pub fn count(&self) -> usize {
        self.lists().iter().map(|(_, paths)| paths.len()).sum()
    }

    /// The lists, each with what is wrong with its files.
    pub fn lists(&self) -> [(&'static str, &[String]); 4] {
        let Self { missing, added, changed, modes } = self;
        [("missing", missing), ("added", added), ("changed", changed), ("another mode", modes)]
    }
}

/// Compares the release with the profile's branch, without a content of any
/// file; and the branch's newest commit, if there is one.
pub fn verify(
    cx: &Context,
    forge: &dyn Forge,
    release: &Release,
    watched: &Watched<'_>,
) -> anyhow::Result<(Option<Head>, Comparison)> {
    let head = if forge.has_repository()? { head(cx, forge, watched)? } else { None };
    let differs = match &head {
        None => Comparison { missing: sorted_paths(release), ..Comparison::default() },
        Some(head) if head.tree == release.tree => Comparison::default(),
        Some(head) => {
            let listing = git_seed::files(forge.remote()?.as_ref(), head, watched);
            compare(release, &listing.map_err(|error| told(cx, &error))?)
        }
    };
    Ok((head, differs))
}

fn sorted_paths(release: &Release) -> Vec<String> {
    let paths: BTreeSet<&str> = release.files.iter().map(|file| &*file.path).collect();
    paths.into_iter().map(str::to_owned).collect()
}

/// Compares the files of a release with those of the branch.
fn compare(release: &Release, listing: &Listing) -> Comparison {
    let mut differs = Comparison::default();
    let wanted: BTreeMap<&str, &File> = release.files.iter().map(|file| (&*file.path, file)).collect();
    let found: BTreeMap<&str, &File> = listing.files.iter().map(|file| (&*file.path, file)).collect();
    for (&path, wanted) in &wanted {
        match found.get(path) {
            None => differs.missing.push(path.to_owned()),
            Some(found) if found.id != wanted.id => differs.changed.push(path.to_owned()),
            Some(found) if found.mode != wanted.mode => differs.modes.push(path.to_owned()),
            Some(_) => {}
        }
    }
    let added = found.keys().filter(|path| !wanted.contains_key(*path)).map(|&path| path.to_owned());
    differs.added = added.chain(listing.submodules.iter().cloned()).collect();
    differs.added.sort_unstable();
    differs
}

#[cfg(test)]
mod tests {
    use git_seed::{Mode, ObjectId};

    use super::*;

    fn file(path: &str, mode: Mode, content: u8) -> File {
        File { path: path.into(), mode, size: 1, id: ObjectId::from_bytes_or_panic(&[content; 20]) }
    }

    #[test]
    fn each_difference_is_told_apart() {
        let tree = |byte| ObjectId::from_bytes_or_panic(&[byte; 20]);
        let release = Release {
            digest: String::new(),
            version: None,
            commit_id: None,
            top: None,
            date: 0,
            bytes: 4,
            files: vec![
                file("same", Mode::Plain, 1),
                file("b", Mode::Plain, 1),
                file("a", Mode::Plain, 1),
                file("new", Mode::Link, 1),
            ],
            tree: tree(1),
            warnings: Vec::new(),
        };
        let listing = Listing {
            files: vec![
                file("a", Mode::Executable, 1),
                file("b", Mode::Plain, 2),
                file("old", Mode::Plain, 1),
                file("same", Mode::Plain, 1),
            ],
            submodules: vec!["module".to_owned()],
            ..Listing::default()
        };
        let differs = compare(&release, &listing);
        let lists: Vec<_> = differs.lists().iter().map(|(what, paths)| (*what, paths.join(" "))).collect();
        let expected = [("missing", "new"), ("added", "module old"), ("changed", "b"), ("another mode", "a")];
        assert_eq!(lists, expected.map(|(what, paths)| (what, paths.to_owned())));
        assert_eq!(differs.count(), 5);
        assert!(!differs.is_same());
    }
}
