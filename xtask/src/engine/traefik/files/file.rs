//! A file below the workspace: compared, and written.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Serialize;

use crate::context::Context;
use crate::failure::Failure;
use crate::not_found::is_not_found;
use crate::replace::replace_public;
use crate::state::digest;

/// The first line: whether what follows is as it was written.
const DIGEST: &str = "# digest: ";
/// The container's root reads them without the right to read everything.
const READABLE: u32 = 0o055;

/// A file below the workspace, as it shall be.
#[derive(Clone, Debug, Serialize)]
pub struct File {
    /// Relative to the workspace.
    pub path: PathBuf,
    /// With the line of its digest.
    pub content: String,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It was so.
    Already,
    /// It is so now.
    Now,
}

impl File {
    /// With the line of its digest before `content`.
    pub fn new(path: PathBuf, content: &str) -> Self {
        let digest = digest(content.as_bytes());
        Self { path, content: format!("{DIGEST}{digest:016x}\n{content}") }
    }

    /// Whether it is there as it shall be.
    pub fn is_written(&self, cx: &Context) -> bool {
        fs::read(cx.root().join(&self.path)).is_ok_and(|there| there == self.content.as_bytes())
    }

    /// Writes it unless it is there. One that was edited is kept as `.bak`.
    pub fn write(&self, cx: &Context) -> anyhow::Result<Written> {
        let path = cx.root().join(&self.path);
        let there = match fs::read(&path) {
            Ok(there) if there == self.content.as_bytes() => return Ok(Written::Already),
            Ok(there) => Some(there),
            Err(error) if is_not_found(&error) => None,
            // It may have been edited, and would be lost.
            Err(error) => {
                return Err(anyhow::Error::new(error).context(
                    Failure::failed(format!("cannot read `{}`", cx.shown(&path)))
                        .help("make it readable, or remove it: it is written anew"),
                ));
            }
        };
        self.make_folders(cx.root())?;
        if let Some(there) = there.filter(|there| !is_as_written(there)) {
            let kept = path.with_added_extension("bak");
            replace_public(&kept, &there)?;
            let (path, kept) = (cx.shown(&path), cx.shown(&kept));
            cx.reporter.warn(&format!("`{path}` was edited by hand; it is kept as `{kept}`"));
        }
        replace_public(&path, self.content.as_bytes())?;
        Ok(Written::Now)
    }

    /// Everybody may look into them, whatever the umask.
    fn make_folders(&self, root: &Path) -> anyhow::Result<()> {
        let Some(folder) = self.path.parent() else { return Ok(()) };
        let mut made = root.to_owned();
        for component in folder.components() {
            made.push(component);
            make_folder(&made).with_context(|| {
                Failure::missing(format!("cannot create the folder `{}`", made.display()))
                    .help("make the workspace writable and see that its disk is not full")
            })?;
        }
        Ok(())
    }
}

fn make_folder(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let metadata = fs::metadata(folder)?;
    if !metadata.is_dir() {
        return Err(ErrorKind::NotADirectory.into());
    }
    let mode = metadata.permissions().mode();
    if mode & READABLE == READABLE {
        return Ok(());
    }
    fs::set_permissions(folder, Permissions::from_mode(mode | READABLE))
}

/// Whether its first line is the digest of the others.
fn is_as_written(content: &[u8]) -> bool {
    let parts = std::str::from_utf8(content).ok().and_then(|text| text.split_once('\n'));
    let Some((first, others)) = parts else { return false };
    first.strip_prefix(DIGEST) == Some(&format!("{:016x}", digest(others.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edited_file_is_known() {
        let file = File::new("x".into(), "a: 1\nb: 2\n");
        assert!(is_as_written(file.content.as_bytes()));
        for edited in [
            file.content.replace("a: 1", "a: 2"),
            file.content.replace("# digest", "# Digest"),
            file.content.clone() + "\n",
            String::new(),
            "a: 1\nb: 2\n".to_owned(),
        ] {
            assert!(!is_as_written(edited.as_bytes()), "{edited}");
        }
        assert!(!is_as_written(b"\xff\n"));
    }

    #[test]
    fn what_cannot_be_read_is_not_replaced() {
        let root = tempfile::tempdir().unwrap();
        let mut cx = Context::for_tests();
        cx.environment.root = root.path().to_owned();
        let path = root.path().join("x");
        std::os::unix::fs::symlink(&path, &path).unwrap();
        let file = File::new("x".into(), "a: 1\n");
        let error = file.write(&cx).unwrap_err();
        assert_eq!(error.to_string(), format!("cannot read `{}`", path.display()));
        assert!(path.is_symlink());
        fs::remove_file(&path).unwrap();
        assert_eq!(file.write(&cx).unwrap(), Written::Now);
        assert_eq!(file.write(&cx).unwrap(), Written::Already);
    }

    #[test]
    fn folders_can_be_read_by_all() {
        let root = tempfile::tempdir().unwrap();
        let closed = root.path().join("a");
        fs::create_dir(&closed).unwrap();
        fs::set_permissions(&closed, Permissions::from_mode(0o700)).unwrap();
        File::new("a/b/c".into(), "").make_folders(root.path()).unwrap();
        for folder in [&closed, &closed.join("b")] {
            assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o755);
        }
    }
}
