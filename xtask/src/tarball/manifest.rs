//! What lies beside a tarball, and says what is in it.

use git_seed::{File, Mode, Release};
use serde::{Deserialize, Serialize};

use super::name::ReleaseName;

/// Version of the manifest's shape.
const SCHEMA: u32 = 1;

/// Everything that can be said of a release tarball without opening it.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Manifest {
    schema: u32,
    /// The name of the tarball's file.
    pub name: String,
    /// Which kind it is.
    pub variant: String,
    /// Its version.
    pub version: String,
    /// The commit that it was made from.
    pub commit: String,
    /// SHA-256 of the tarball, in hexadecimal.
    pub sha256: String,
    /// Bytes of the tarball.
    pub size: u64,
    /// The tree that a commit of its files has.
    pub tree: String,
    /// How many files there are.
    pub file_count: usize,
    /// Each of them.
    pub files: Vec<Line>,
}

/// A file in a tarball.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub struct Line {
    /// Path under the top folder.
    pub path: String,
    /// What Git calls its mode: `100644`, `100755` or `120000`.
    pub mode: String,
    /// Bytes.
    pub size: u64,
    /// The id of its blob.
    pub blob: String,
}

impl Manifest {
    /// The manifest of the tarball `name` of `size` bytes.
    pub fn new(name: &ReleaseName, size: u64, release: &Release) -> Self {
        let files: Vec<_> = release.files.iter().map(Line::of).collect();
        Self {
            schema: SCHEMA,
            name: name.to_string(),
            variant: name.variant.to_string(),
            version: name.version.clone(),
            commit: release.commit_id.clone().unwrap_or_default(),
            sha256: release.digest.clone(),
            size,
            tree: release.tree.to_string(),
            file_count: files.len(),
            files,
        }
    }
}

impl Line {
    /// The line of `file`.
    pub fn of(file: &File) -> Self {
        let mode = match file.mode {
            Mode::Plain => "100644",
            Mode::Executable => "100755",
            Mode::Link => "120000",
        };
        Self { path: file.path.clone(), mode: mode.to_owned(), size: file.size, blob: file.id.to_string() }
    }
}
