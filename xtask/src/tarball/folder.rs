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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use git_seed::Limits;

    use super::*;
    use crate::context::Context;
    use crate::profile::Variant;
    use crate::release::{LimitsBy, Rules};
    use crate::tarball::{Built, Outcome, ReleaseName, Request, build_folder};

    fn sample() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for folder in FOLDERS {
            fs::create_dir_all(root.path().join(folder).join("sub")).unwrap();
            fs::write(root.path().join(folder).join("sub/a.yaml"), folder).unwrap();
        }
        symlink("sub/a.yaml", root.path().join("tools/link")).unwrap();
        fs::write(root.path().join("README.md"), "not in a release").unwrap();
        root
    }

    fn built(root: &Path, output: &Path) -> anyhow::Result<Built> {
        let request = Request {
            name: ReleaseName { variant: Variant::CloudFull, version: "1.0".into() },
            version_file: "1.0\n".into(),
            commit: "sample".into(),
            date: 1_750_000_000,
            output,
            rules: Rules { limits: Limits::default(), strict: false, by: LimitsBy::Profile },
        };
        build_folder(&Context::for_tests(), root, &request)
    }

    #[test]
    fn two_alike_make_the_same() {
        let (one, other, output) = (sample(), sample(), tempfile::tempdir().unwrap());
        let first = built(one.path(), output.path()).unwrap();
        assert_eq!((first.outcome, first.files, first.warnings.len()), (Outcome::Built, 9, 0));
        let again = built(other.path(), output.path()).unwrap();
        assert_eq!((again.outcome, again.sha256), (Outcome::Already, first.sha256));
        fs::set_permissions(other.path().join("tools/sub/a.yaml"), fs::Permissions::from_mode(0o755))
            .unwrap();
        assert_eq!(built(other.path(), output.path()).unwrap().outcome, Outcome::Replaced);
    }

    #[test]
    fn what_a_release_cannot_hold_is_named() {
        let (root, output) = (sample(), tempfile::tempdir().unwrap());
        rustix::fs::mkfifoat(rustix::fs::CWD, root.path().join("tools/pipe"), 0o600.into()).unwrap();
        let error = built(root.path(), output.path()).unwrap_err().to_string();
        assert!(error.starts_with("`tools/pipe` is neither a file"), "{error}");
        fs::remove_file(root.path().join("tools/pipe")).unwrap();
        fs::remove_dir_all(root.path().join("argocd")).unwrap();
        let error = built(root.path(), output.path()).unwrap_err().to_string();
        assert_eq!(error, "there are no files in `argocd`, which a release has");
        assert_eq!(fs::read_dir(output.path()).unwrap().count(), 0);
    }
}
