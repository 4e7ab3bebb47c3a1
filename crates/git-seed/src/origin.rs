//! What a release is read from.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::fault::Fault;
use crate::shown::shown;
use crate::source::Source;

/// What a release is read from.
pub enum Origin {
    /// An archive with one top folder, which is not part of the tree.
    Archive(Box<dyn Source>),
    /// A folder, with everything in it but a `.git` at its top.
    Folder(PathBuf),
}

impl Origin {
    /// What the user calls it, printable.
    pub fn name(&self) -> String {
        match self {
            Self::Archive(source) => shown(source.name().as_bytes()),
            Self::Folder(path) => shown(path.as_os_str().as_encoded_bytes()),
        }
    }
}

/// An archive in a file, opened once and read by position: another file that
/// takes its name does not disturb.
pub struct ArchiveFile {
    file: Arc<File>,
    name: String,
    size: u64,
}

impl ArchiveFile {
    /// Opens the regular file at `path`.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        let name = shown(path.as_os_str().as_encoded_bytes());
        let failed = |source| Fault::Open { name: name.clone(), source };
        // Opening a pipe would wait for a writer.
        if !fs::metadata(path).map_err(failed)?.is_file() {
            return Err(Fault::Format { name, found: "no regular file" });
        }
        let file = File::open(path).map_err(failed)?;
        Self::of(file, &name).map_err(failed)
    }

    /// A file that is open, which people call `name`.
    pub fn of(file: File, name: &str) -> io::Result<Self> {
        let size = file.metadata()?.len();
        Ok(Self { file: Arc::new(file), name: shown(name.as_bytes()), size })
    }
}

impl Source for ArchiveFile {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn size(&self) -> Option<u64> {
        Some(self.size)
    }

    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(Positioned { file: Arc::clone(&self.file), at: 0 }))
    }
}

/// Reads a file that others read, too.
struct Positioned {
    file: Arc<File>,
    at: u64,
}

impl Read for Positioned {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}
