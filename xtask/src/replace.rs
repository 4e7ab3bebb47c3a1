//! Replaces a file in one step: a reader sees the old content or the new.

use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rustix::fs::{Gid, Uid, fchown};

use crate::failure::Failure;

/// Mode of a new file, before the umask.
const NEW_FILE: u32 = 0o666;
/// Mode of a file that everybody can read.
const PUBLIC_FILE: u32 = 0o644;
/// Mode of a file that is its owner's alone.
const PRIVATE_FILE: u32 = 0o600;

/// Writes `content` to `path`. A file that is there keeps its mode and owner;
/// where `path` is a symbolic link, the file that it leads to is replaced.
pub fn replace(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    try_replace(path, content).with_context(|| {
        Failure::missing(format!("cannot write `{}`", path.display())).help(
            "see that its folder is writable and its disk is not full; a mounted file cannot be replaced",
        )
    })
}

/// Writes a file that everybody can read, whatever the umask.
pub fn replace_public(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    replace_with_mode(path, content, PUBLIC_FILE)
}

/// Writes a file that only its owner can read.
pub fn replace_private(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    replace_with_mode(path, content, PRIVATE_FILE)
}

fn replace_with_mode(path: &Path, content: &[u8], mode: u32) -> anyhow::Result<()> {
    let write = || -> io::Result<()> {
        let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
        // A temporary file is its owner's alone from the start.
        let mut temporary = tempfile::Builder::new().prefix(".xtask-").tempfile_in(folder)?;
        temporary.write_all(content)?;
        temporary.as_file().set_permissions(Permissions::from_mode(mode))?;
        temporary.as_file().sync_all()?;
        temporary.persist(path)?;
        Ok(())
    };
    write().with_context(|| {
        Failure::missing(format!("cannot write `{}`", path.display()))
            .help("see that its folder is writable and its disk is not full")
    })
}

fn try_replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let (path, metadata) = resolve(path)?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = parent.unwrap_or(Path::new("."));
    // Removed when it is dropped, unless it was renamed.
    // What takes the place of a file may be as secret as that is: it is this
    // user's alone until it has the file's mode.
    let mode = if metadata.is_some() { PRIVATE_FILE } else { NEW_FILE };
    let mut temporary = tempfile::Builder::new()
        .prefix(".xtask-")
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(folder)?;
    temporary.write_all(content)?;
    if let Some(metadata) = metadata {
        keep_attributes(temporary.as_file(), &metadata)?;
    }
    temporary.as_file().sync_all()?;
    temporary.persist(&path)?;
    File::open(folder)?.sync_all()
}

/// The file itself behind symbolic links, with its attributes if it exists.
fn resolve(path: &Path) -> io::Result<(PathBuf, Option<Metadata>)> {
    match fs::canonicalize(path) {
        Ok(path) => fs::metadata(&path).map(|metadata| (path, Some(metadata))),
        // A link that leads nowhere is there all the same, and is not ours to replace.
        Err(error) if error.kind() == io::ErrorKind::NotFound && !path.is_symlink() => {
            Ok((path.to_owned(), None))
        }
        Err(error) => Err(error),
    }
}

fn keep_attributes(file: &File, like: &Metadata) -> io::Result<()> {
    let own = file.metadata()?;
    if (own.uid(), own.gid()) != (like.uid(), like.gid()) {
        fchown(file, Some(Uid::from_raw(like.uid())), Some(Gid::from_raw(like.gid())))?;
    }
    // After the owner: changing that clears some bits.
    file.set_permissions(like.permissions())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn keeps_the_mode_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hosts");
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        replace(&file, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o7777, 0o640);
        assert_eq!(names(folder.path()), ["hosts"]);
    }

    #[test]
    fn keeps_the_owner() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hosts");
        fs::write(&file, "old").unwrap();
        let own = fs::metadata(&file).unwrap().uid();
        // Only root can give a file away; for others it stays theirs.
        let other = if own == 0 { 65534 } else { own };
        std::os::unix::fs::chown(&file, Some(other), None).unwrap();
        replace(&file, b"new").unwrap();
        assert_eq!(fs::metadata(&file).unwrap().uid(), other);
    }

    #[test]
    fn makes_a_new_file_as_the_umask_says() {
        let folder = tempfile::tempdir().unwrap();
        let (file, like) = (folder.path().join("new"), folder.path().join("like"));
        replace(&file, b"new").unwrap();
        fs::write(&like, "").unwrap();
        assert_eq!(fs::metadata(&file).unwrap().mode(), fs::metadata(&like).unwrap().mode());
    }

    #[test]
    fn a_private_file_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        replace_private(&file, b"secret").unwrap();
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o7777, 0o600);
        assert_eq!(names(folder.path()), ["key"]);
    }

    #[test]
    fn follows_links() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        symlink("file", &link).unwrap();
        replace(&link, b"new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"new");
    }

    #[test]
    fn fails_without_a_trace() {
        let folder = tempfile::tempdir().unwrap();
        let (taken, link) = (folder.path().join("taken"), folder.path().join("link"));
        fs::create_dir_all(taken.join("inner")).unwrap();
        symlink("nowhere", &link).unwrap();
        for path in [&taken, &link, &folder.path().join("absent/hosts")] {
            let error = replace(path, b"new").unwrap_err();
            assert_eq!(error.to_string(), format!("cannot write `{}`", path.display()));
        }
        assert_eq!(names(folder.path()), ["link", "taken"]);
    }
}
