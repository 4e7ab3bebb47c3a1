//! Two entries at one place, or one below what is no folder.

use super::Refused;
use crate::index::Index;
use crate::refusal::Refusal;
use crate::release::{File, Mode};

/// Fails if a path is there twice, or lies below what is no folder, in whatever
/// order the entries came. Folders may be named again and again.
pub(super) fn check(files: &[File], folders: &mut Vec<Box<str>>) -> Result<(), Refused> {
    let index = Index::new(files);
    let mut before = "";
    for file in index.iter() {
        if file.path == before {
            return Err((file.path.clone(), Refusal::Twice));
        }
        ancestors(&index, &file.path, before)?;
        before = &file.path;
    }
    folders.sort_unstable();
    folders.dedup();
    let mut before = "";
    for folder in folders.iter() {
        if index.find(folder).is_some() {
            return Err((folder.to_string(), Refusal::FileAndFolder));
        }
        ancestors(&index, folder, before)?;
        before = folder;
    }
    Ok(())
}

/// Fails if a folder that `path` lies in is a file or link. Those that `before`
/// lies in, too, have been looked at.
fn ancestors(index: &Index<'_>, path: &str, before: &str) -> Result<(), Refused> {
    let same = path.bytes().zip(before.bytes()).take_while(|(a, b)| a == b).count();
    let ends = path.bytes().enumerate().skip(same).filter(|(_, byte)| *byte == b'/');
    for (end, _) in ends {
        let folder = &path[..end];
        if let Some(at) = index.find(folder) {
            return Err(match index.file(at).mode {
                Mode::Link => (path.to_owned(), Refusal::BelowLink(crate::shown::shown(folder.as_bytes()))),
                Mode::Plain | Mode::Executable => (folder.to_owned(), Refusal::FileAndFolder),
            });
        }
    }
    Ok(())
}
