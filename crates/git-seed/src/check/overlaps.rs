//! Two entries at one place, or one below what is no folder.

use crate::fault::Fault;
use crate::index::Index;
use crate::refusal::Refusal;
use crate::release::{File, Mode};
use crate::root::Root;

/// Fails if a path is there twice, or lies below what is no folder, in whatever
/// order the entries came. Folders may be named again and again.
pub(super) fn check(files: &[File], folders: &mut Vec<Box<str>>, root: Root<'_>) -> Result<(), Fault> {
    let index = Index::new(files);
    let mut before = "";
    for file in index.iter() {
        if file.path == before {
            return Err(root.refuse(&file.path, Refusal::Twice));
        }
        ancestors(&index, &file.path, before, root)?;
        before = &file.path;
    }
    folders.sort_unstable();
    folders.dedup();
    let mut before = "";
    for folder in folders.iter() {
        if index.find(folder).is_some() {
            return Err(root.refuse(folder, Refusal::FileAndFolder));
        }
        ancestors(&index, folder, before, root)?;
        before = folder;
    }
    Ok(())
}

/// Fails if a folder that `path` lies in is a file or link. Those that `before`
/// lies in, too, have been looked at.
fn ancestors(index: &Index<'_>, path: &str, before: &str, root: Root<'_>) -> Result<(), Fault> {
    let same = path.bytes().zip(before.bytes()).take_while(|(a, b)| a == b).count();
    let ends = path.bytes().enumerate().skip(same).filter(|(_, byte)| *byte == b'/');
    for (end, _) in ends {
        let folder = &path[..end];
        if let Some(at) = index.find(folder) {
            return Err(match index.file(at).mode {
                Mode::Link => root.refuse(path, Refusal::BelowLink(root.shown(folder))),
                Mode::Plain | Mode::Executable => root.refuse(folder, Refusal::FileAndFolder),
            });
        }
    }
    Ok(())
}
