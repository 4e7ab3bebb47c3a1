//! The folder that a package is made of.

use std::fs::{self, File, FileTimes, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context as _;

/// A folder whose files get modes and dates of their own, whatever the umask
/// and the clock are.
pub struct Tree {
    root: PathBuf,
    /// Of the files, under the root, in the order in which they came.
    files: Vec<(String, u32)>,
}

impl Tree {
    /// An empty one.
    pub fn new(root: PathBuf) -> anyhow::Result<Self> {
        fs::create_dir(&root).with_context(|| format!("cannot create `{}`", root.display()))?;
        Ok(Self { root, files: Vec::new() })
    }

    /// Its folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Makes the folders of a file that has this mode; it is to be written there.
    pub fn place(&mut self, path: &str, mode: u32) -> anyhow::Result<PathBuf> {
        let place = self.root.join(path);
        let folder = place.parent().context("a file is in a folder")?;
        fs::create_dir_all(folder).with_context(|| format!("cannot create `{}`", folder.display()))?;
        self.files.push((path.to_owned(), mode));
        Ok(place)
    }

    /// Writes a file.
    pub fn write(&mut self, path: &str, mode: u32, content: &[u8]) -> anyhow::Result<()> {
        let place = self.place(path, mode)?;
        fs::write(&place, content).with_context(|| format!("cannot write `{}`", place.display()))
    }

    /// The paths of all files, sorted.
    pub fn paths(&self) -> Vec<&str> {
        let mut paths: Vec<&str> = self.files.iter().map(|(path, _)| path.as_str()).collect();
        paths.sort_unstable();
        paths
    }

    /// What it takes when it is installed, in KiB: each file by itself rounded
    /// up, each folder one, as `dpkg-gencontrol` counts.
    pub fn installed_kib(&self) -> anyhow::Result<u64> {
        let count = || -> io::Result<u64> {
            let mut kib = 0;
            for (path, is_folder) in walk(&self.root)? {
                kib += if is_folder { 1 } else { fs::metadata(&path)?.len().div_ceil(1024) };
            }
            Ok(kib)
        };
        count().with_context(|| format!("cannot look into `{}`", self.root.display()))
    }

    /// Gives modes and dates, that of `date` to everything.
    pub fn seal(&self, date: SystemTime) -> anyhow::Result<()> {
        let times = FileTimes::new().set_accessed(date).set_modified(date);
        let seal = || -> io::Result<()> {
            for (path, is_folder) in walk(&self.root)? {
                let relative = path.strip_prefix(&self.root).unwrap_or(&path);
                let known = self.files.iter().find(|(path, _)| Path::new(path) == relative);
                let mode = known.map_or(if is_folder { 0o755 } else { 0o644 }, |(_, mode)| *mode);
                fs::set_permissions(&path, Permissions::from_mode(mode))?;
                File::open(&path)?.set_times(times)?;
            }
            Ok(())
        };
        seal().with_context(|| format!("cannot set modes and dates in `{}`", self.root.display()))
    }
}

/// Everything in a folder, and whether it is a folder itself; what is in it
/// comes before it.
fn walk(folder: &Path) -> io::Result<Vec<(PathBuf, bool)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found.extend(walk(&entry.path())?);
        } else {
            found.push((entry.path(), false));
        }
    }
    found.push((folder.to_owned(), true));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;
    use std::time::Duration;

    use super::*;

    #[test]
    fn modes_and_dates_are_as_they_were_said() {
        let dir = tempfile::tempdir().unwrap();
        let mut tree = Tree::new(dir.path().join("tree")).unwrap();
        tree.write("usr/lib/a/program", 0o755, &[0; 1025]).unwrap();
        tree.write("etc/a.toml", 0o644, b"x").unwrap();
        // Two files, of 2 KiB and 1 KiB; etc, usr, lib, a and the root.
        assert_eq!(tree.installed_kib().unwrap(), 8);
        assert_eq!(tree.paths(), ["etc/a.toml", "usr/lib/a/program"]);
        tree.seal(SystemTime::UNIX_EPOCH + Duration::from_secs(7)).unwrap();
        for (path, mode) in [("usr/lib/a/program", 0o755), ("etc/a.toml", 0o644), ("usr", 0o755), ("", 0o755)]
        {
            let metadata = fs::metadata(tree.root().join(path)).unwrap();
            assert_eq!((metadata.mode() & 0o7777, metadata.mtime()), (mode, 7), "{path}");
        }
    }
}
