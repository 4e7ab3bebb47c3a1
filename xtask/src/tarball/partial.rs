//! A file on its way, which goes on where it ended.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rustix::fs::OFlags;
use sha2::{Digest as _, Sha256};

use crate::failure::Failure;
use crate::registry::Digest;

/// How much is read at once, in bytes.
const CHUNK: usize = 128 << 10;
/// Mode while it is incomplete: nobody else shall take it for the file.
const PRIVATE_FILE: u32 = 0o600;
/// Mode of the complete file, which everybody may read.
const PUBLIC_FILE: u32 = 0o644;

/// What there is of a file, beside its place; it stays there for the next try.
pub struct Partial {
    file: File,
    path: PathBuf,
    target: PathBuf,
    hash: Sha256,
    size: u64,
    /// Bytes that are there.
    pub have: u64,
}

impl Partial {
    /// What is there of the file `target`, which has `size` bytes in the end.
    pub fn open(target: &Path, size: u64) -> anyhow::Result<Self> {
        let mut path = target.as_os_str().to_owned();
        path.push(".part");
        let path = PathBuf::from(path);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(PRIVATE_FILE);
        // Where others may write, it could lead to any file.
        options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
        let file = options.open(&path).with_context(|| cannot_write(&path))?;
        let target = target.to_owned();
        let mut partial = Self { file, path, target, hash: Sha256::new(), size, have: 0 };
        partial.take_stock().with_context(|| cannot_write(&partial.path))?;
        Ok(partial)
    }

    /// Hashes what is there. What is too much for the file is of another one.
    fn take_stock(&mut self) -> io::Result<()> {
        if self.file.metadata()?.len() > self.size {
            return self.begin();
        }
        let mut chunk = vec![0; CHUNK];
        loop {
            let count = self.file.read(&mut chunk)?;
            if count == 0 {
                return Ok(());
            }
            self.hash.update(&chunk[..count]);
            self.have += count as u64;
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.hash = Sha256::new();
        self.have = 0;
        Ok(())
    }

    /// Whether nothing more is to come.
    pub fn is_complete(&self) -> bool {
        self.have == self.size
    }

    /// Adds what `reader` has from byte `from` on: where this ends, or the
    /// beginning. `told` learns how far it is.
    pub fn add(&mut self, from: u64, reader: &mut dyn Read, told: &dyn Fn(u64)) -> anyhow::Result<()> {
        if from != self.have {
            self.begin().with_context(|| cannot_write(&self.path))?;
        }
        let mut chunk = vec![0; CHUNK];
        loop {
            let count = match reader.read(&mut chunk) {
                Ok(0) if self.is_complete() => return Ok(()),
                Ok(0) => return Err(self.cut().into()),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error).with_context(|| self.cut()),
            };
            if self.have + count as u64 > self.size {
                self.remove()?;
                let message = format!("the registry sends more than the {} bytes it promised", self.size);
                return Err(Failure::failed(message).help("check the registry").into());
            }
            self.file.write_all(&chunk[..count]).with_context(|| cannot_write(&self.path))?;
            self.hash.update(&chunk[..count]);
            self.have += count as u64;
            told(self.have);
        }
    }

    fn cut(&self) -> Failure {
        Failure::missing(format!("the transfer ended after {} of {} bytes", self.have, self.size))
            .help("run it again: it goes on where it ended")
    }

    /// Gives the complete file its name if it is `digest`; else removes it, and
    /// says what it is.
    pub fn finish(self, digest: &Digest) -> anyhow::Result<Result<(), Digest>> {
        let found = Digest::finish(self.hash.clone());
        if found != *digest {
            self.remove()?;
            return Ok(Err(found));
        }
        let cannot = || cannot_write(&self.target);
        self.file.set_permissions(Permissions::from_mode(PUBLIC_FILE)).with_context(cannot)?;
        self.file.sync_all().with_context(cannot)?;
        fs::rename(&self.path, &self.target).with_context(cannot)?;
        Ok(Ok(()))
    }

    fn remove(&self) -> anyhow::Result<()> {
        fs::remove_file(&self.path).with_context(|| format!("cannot remove `{}`", self.path.display()))
    }
}

fn cannot_write(path: &Path) -> Failure {
    Failure::failed(format!("cannot write `{}`", path.display()))
        .help("see that its folder is writable and its disk is not full; then run it again")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTENT: &[u8] = b"0123456789";

    fn open(dir: &tempfile::TempDir) -> Partial {
        Partial::open(&dir.path().join("file"), CONTENT.len() as u64).unwrap()
    }

    #[test]
    fn goes_on_where_it_ended() {
        let dir = tempfile::tempdir().unwrap();
        let error = open(&dir).add(0, &mut &CONTENT[..4], &|_| ()).unwrap_err();
        assert_eq!(error.to_string(), "the transfer ended after 4 of 10 bytes");
        let mode = fs::metadata(dir.path().join("file.part")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, PRIVATE_FILE);
        let mut partial = open(&dir);
        assert_eq!((partial.have, partial.is_complete()), (4, false));
        partial.add(4, &mut &CONTENT[4..], &|_| ()).unwrap();
        partial.finish(&Digest::of(CONTENT)).unwrap().unwrap();
        assert_eq!(fs::read(dir.path().join("file")).unwrap(), CONTENT);
        assert!(!dir.path().join("file.part").exists());
    }

    #[test]
    fn begins_anew_where_it_must() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file.part"), "something longer").unwrap();
        let mut partial = open(&dir);
        assert_eq!(partial.have, 0);
        partial.add(0, &mut &CONTENT[..4], &|_| ()).unwrap_err();
        partial.add(0, &mut &CONTENT[..], &|_| ()).unwrap();
        partial.finish(&Digest::of(CONTENT)).unwrap().unwrap();
    }

    #[test]
    fn what_is_wrong_does_not_stay() {
        let dir = tempfile::tempdir().unwrap();
        let error = open(&dir).add(0, &mut &b"0123456789a"[..], &|_| ()).unwrap_err();
        assert_eq!(error.to_string(), "the registry sends more than the 10 bytes it promised");
        let mut partial = open(&dir);
        partial.add(0, &mut &b"abcdefghij"[..], &|_| ()).unwrap();
        assert_eq!(partial.finish(&Digest::of(CONTENT)).unwrap(), Err(Digest::of(b"abcdefghij")));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_link_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("elsewhere", dir.path().join("file.part")).unwrap();
        assert!(Partial::open(&dir.path().join("file"), 1).is_err());
        assert!(!dir.path().join("elsewhere").exists());
    }
}
