//! A release made of a folder as it lies there.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use git_seed::Mode;

use super::build::{Found, Tree};
use super::layout::FOLDERS;
use crate::failure::Failure;

/// A folder with the files of a release.
pub struct Folder {
    root: PathBuf,
    files: Vec<Found>,
}

impl Folder {
    /// Looks into the folders of a release under `root`.
    pub fn open(root: &Path) -> anyhow::Result<Self> {
        let mut files = Vec::new();
        for folder in FOLDERS {
            if root.join(folder).is_dir() {
                collect(root, folder, &mut files)?;
            }
        }
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(Self { root: root.to_owned(), files })
    }
}

impl Tree for Folder {
    fn files(&self) -> &[Found] {
        &self.files
    }

    fn read(
        &mut self,
        visit: &mut dyn FnMut(&Found, u64, &mut dyn Read) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        for found in &self.files {
            let path = self.root.join(&found.path);
            let unreadable = || cannot_read(&path);
            if found.mode == Mode::Link {
                let target = fs::read_link(&path).with_context(unreadable)?;
                let target = target.as_os_str().as_bytes();
                visit(found, target.len() as u64, &mut &*target)?;
            } else {
                let mut file = File::open(&path).with_context(unreadable)?;
                let size = file.metadata().with_context(unreadable)?.len();
                visit(found, size, &mut file)?;
            }
        }
        Ok(())
    }
}

fn collect(root: &Path, folder: &str, files: &mut Vec<Found>) -> anyhow::Result<()> {
    let place = root.join(folder);
    for entry in fs::read_dir(&place).with_context(|| cannot_read(&place))? {
        let entry = entry.with_context(|| cannot_read(&place))?;
        let name = entry.file_name().into_string().map_err(|name| {
            Failure::failed(format!("`{}` in `{folder}` is not UTF-8", name.display())).help("rename it")
        })?;
        let path = format!("{folder}/{name}");
        let kind = entry.file_type().with_context(|| cannot_read(&entry.path()))?;
        let mode = if kind.is_dir() {
            collect(root, &path, files)?;
            continue;
        } else if kind.is_symlink() {
            Mode::Link
        } else if !kind.is_file() {
            let message = format!("`{path}` is neither a file, nor a folder, nor a symbolic link");
            return Err(Failure::failed(message).help("remove it: a release cannot hold it").into());
        } else if entry.metadata().with_context(|| cannot_read(&entry.path()))?.permissions().mode() & 0o100
            != 0
        {
            Mode::Executable
        } else {
            Mode::Plain
        };
        files.push(Found { path, mode });
    }
    Ok(())
}

fn cannot_read(path: &Path) -> Failure {
    Failure::failed(format!("cannot read `{}`", path.display()))
}
