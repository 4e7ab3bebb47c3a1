//! What the tests of pushing share.

pub mod git;
pub mod http;
pub mod local;
pub mod wrappers;

use std::fs::File;

use git_seed::{ArchiveFile, Error, Origin, Release, Remote, Rules, Seeded, Silent};

/// An archive, and what a scan finds there.
pub struct Tree {
    pub archive: tempfile::NamedTempFile,
    pub origin: Origin,
    pub release: Release,
}

impl Tree {
    /// An archive with these files below its top folder `sample`.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let mut archive = tempfile::NamedTempFile::new().unwrap();
        write(archive.as_file_mut(), files);
        let origin = Origin::Archive(Box::new(ArchiveFile::open(archive.path()).unwrap()));
        let release = git_seed::scan(&origin, &Rules::default(), &Silent).unwrap();
        Self { archive, origin, release }
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

/// Writes a tar archive, always the same for the same files.
pub fn write(out: &mut File, files: &[(&str, &str)]) {
    let mut archive = tar::Builder::new(out);
    for (path, content) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(1_700_000_000);
        archive.append_data(&mut header, format!("sample/{path}"), content.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
}
