//! What the tests of pushing share.
#![allow(dead_code, reason = "each test program uses a part of it")]

pub mod git;
pub mod http;
pub mod local;
pub mod wrappers;

use std::path::Path;

use git_seed::{Error, Origin, Release, Remote, Rules, Seeded, Silent};

/// A folder of files, and what a scan finds there.
pub struct Tree {
    pub folder: tempfile::TempDir,
    pub origin: Origin,
    pub release: Release,
}

impl Tree {
    /// A folder with these files.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (path, content) in files {
            write(folder.path(), path, content);
        }
        let origin = Origin::Folder(folder.path().to_owned());
        let release = git_seed::scan(&origin, &Rules::default(), &Silent).unwrap();
        Self { folder, origin, release }
    }

    /// Twenty files in five folders; the first one says `first`.
    pub fn sample(first: &str) -> Self {
        let names: Vec<_> = (0..20).map(|index| format!("folder{}/file{index}", index % 5)).collect();
        let contents: Vec<_> = (0..20).map(|index| format!("{index}\n").repeat(index * 50 + 1)).collect();
        let mut files: Vec<_> =
            names.iter().zip(&contents).map(|(name, content)| (&**name, &**content)).collect();
        files[0].1 = first;
        files.push(("VERSION", "1.2.3\n"));
        Self::new(&files)
    }

    /// Seeds it to `main`.
    pub fn seed(&self, remote: &dyn Remote) -> Result<Seeded, Error> {
        git_seed::seed(&self.origin, &self.release, remote, "main", &Silent)
    }
}

fn write(folder: &Path, path: &str, content: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}
