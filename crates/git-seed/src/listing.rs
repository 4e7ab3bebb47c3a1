//! The files of a commit on a server.

use std::collections::HashSet;

use gix_hash::ObjectId;
use gix_object::TreeRefIter;
use gix_object::tree::EntryKind;

use crate::cause::Cause;
use crate::error::Error;
use crate::fetch::Upload;
use crate::head::Head;
use crate::incoming::Received;
use crate::watched::Meter;
use crate::{File, Mode, Progress, Remote};

/// Bytes of all paths, at most: the same tree may be in a commit many times, so
/// that a small pack can tell of very many files.
const PATHS: usize = 256 << 20;

/// The files of a commit, without contents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The files; their sizes are not known, and 0. What is not UTF-8 in a
    /// path is replaced.
    pub files: Vec<File>,
    /// Paths of submodules, which are neither files nor folders.
    pub submodules: Vec<String>,
    /// The trees, with the root.
    pub trees: HashSet<ObjectId>,
}

/// The files of a commit. Contents are neither asked for nor, where the server
/// can leave them out, sent.
///
/// # Errors
///
/// As [`Cause`] lists them.
pub fn files(remote: &dyn Remote, head: &Head, progress: &dyn Progress) -> Result<Listing, Error> {
    let meter = Meter::new(progress);
    let read = || {
        let received = Upload::open(remote, &meter)?.trees(&head.commit)?;
        list(&received, head.tree)
    };
    read().map_err(|cause| Error::new(remote.name(), cause))
}

fn list(received: &Received, root: ObjectId) -> Result<Listing, Cause> {
    let mut listing = Listing { trees: HashSet::from([root]), ..Listing::default() };
    let mut bytes = 0;
    let mut folders = vec![(String::new(), root)];
    while let Some((folder, tree)) = folders.pop() {
        for entry in TreeRefIter::from_bytes(received.tree(&tree)?, gix_hash::Kind::Sha1) {
            let entry = entry.map_err(|_| broken(&tree))?;
            let path = format!("{folder}{}", entry.filename);
            let id = entry.oid.to_owned();
            bytes += path.len();
            if bytes > PATHS {
                return Err(Cause::protocol("a tree with more files, or deeper ones, than are taken"));
            }
            let mut add = |mode| listing.files.push(File { path: path.clone(), mode, size: 0, id });
            match entry.mode.kind() {
                EntryKind::Blob => add(Mode::Plain),
                EntryKind::BlobExecutable => add(Mode::Executable),
                EntryKind::Link => add(Mode::Link),
                EntryKind::Commit => listing.submodules.push(path),
                EntryKind::Tree => {
                    listing.trees.insert(id);
                    folders.push((path + "/", id));
                }
            }
        }
    }
    listing.files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(listing)
}

/// The ids of all trees and blobs below a root tree, with its own.
pub(crate) fn objects(received: &Received, root: ObjectId) -> Result<HashSet<ObjectId>, Cause> {
    let mut found = HashSet::from([root]);
    let mut trees = vec![root];
    while let Some(tree) = trees.pop() {
        for entry in TreeRefIter::from_bytes(received.tree(&tree)?, gix_hash::Kind::Sha1) {
            let entry = entry.map_err(|_| broken(&tree))?;
            let kind = entry.mode.kind();
            if kind != EntryKind::Commit && found.insert(entry.oid.to_owned()) && kind == EntryKind::Tree {
                trees.push(entry.oid.to_owned());
            }
        }
    }
    Ok(found)
}

fn broken(tree: &ObjectId) -> Cause {
    Cause::protocol(format!("a tree {tree} that cannot be read"))
}
