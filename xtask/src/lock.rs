//! A lock file that says who holds it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rustix::process::geteuid;

use crate::failure::Failure;
use crate::interrupt::Interrupt;

/// How often a lock that somebody else holds is tried again.
const RETRY: Duration = Duration::from_millis(5);

/// A lock that is held until this is dropped; the kernel releases it if we die,
/// so there are no stale locks. The file is removed on release.
#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock if nobody holds it, else tells the holder's process id
    /// (0 when it has not signed).
    fn try_acquire(path: &Path) -> anyhow::Result<Result<Self, u32>> {
        loop {
            let file = open(path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(Err(read_pid(file))),
                Err(TryLockError::Error(error)) => return Err(error).with_context(|| cannot(path)),
            }
            // Its last holder may have removed the file while we opened it.
            if is_still(path, &file) {
                file.set_len(0).with_context(|| cannot(path))?;
                return Ok(Ok(Self { file, path: path.to_owned() }));
            }
        }
    }

    /// Takes the lock, waiting for its holder until `deadline` or until the
    /// user interrupts; `waiting` is told the holder once.
    pub fn acquire(
        path: &Path,
        deadline: Instant,
        interrupt: &Interrupt,
        mut waiting: impl FnMut(u32),
    ) -> anyhow::Result<Self> {
        let mut told = false;
        loop {
            let holder = match Self::try_acquire(path)? {
                Ok(lock) => return Ok(lock),
                Err(holder) => holder,
            };
            if !std::mem::replace(&mut told, true) {
                waiting(holder);
            }
            interrupt.check()?;
            if Instant::now() >= deadline {
                return Err(Failure::timed_out(format!("process {holder} still holds `{}`", path.display()))
                    .help("wait for it to end, or give more time with `--timeout`")
                    .into());
            }
            thread::sleep(RETRY);
        }
    }

    /// Writes our process id into the file, for those who find the lock taken.
    pub fn sign(&self) -> anyhow::Result<()> {
        write!(&self.file, "{}", std::process::id()).with_context(|| cannot(&self.path))
    }

    /// Whether the file was removed, or replaced: others do not see this lock.
    pub fn is_lost(&self) -> bool {
        !is_still(&self.path, &self.file)
    }

    /// Another handle on the lock, for a program that we start: the lock is held
    /// until we and everyone who has such a handle have let go of it.
    pub fn share(&self) -> anyhow::Result<File> {
        self.file.try_clone().with_context(|| cannot(&self.path))
    }

    /// The process that holds the lock, if one does.
    pub fn holder(path: &Path) -> anyhow::Result<Option<u32>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(denied(path, error)),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => Ok(Some(read_pid(file))),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| cannot(path)),
        }
    }

    /// Waits until nobody holds the lock; false when the deadline passed first.
    pub fn wait_free(path: &Path, deadline: Instant, interrupt: &Interrupt) -> anyhow::Result<bool> {
        while Self::holder(path)?.is_some() {
            interrupt.check()?;
            if Instant::now() >= deadline {
                return Ok(false);
            }
            thread::sleep(RETRY);
        }
        Ok(true)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // While the lock is still held, so that nobody else's file is removed.
        let _ = fs::remove_file(&self.path);
    }
}

fn open(path: &Path) -> anyhow::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options.open(path).map_err(|error| denied(path, error))
}

/// Why its file cannot be opened. Somebody else's folder is none that we mend.
fn denied(path: &Path, error: io::Error) -> anyhow::Error {
    let mut in_the_way = [Some(path), path.parent()].into_iter().flatten();
    let owner = in_the_way.find_map(|path| Some((path, fs::metadata(path).ok()?.uid())));
    match owner {
        Some((path, owner))
            if error.kind() == io::ErrorKind::PermissionDenied && owner != geteuid().as_raw() =>
        {
            Failure::refused(format!("`{}` belongs to another user", path.display()))
                .help("run as that user, or in a folder of your own")
                .into()
        }
        _ => anyhow::Error::new(error).context(cannot(path)),
    }
}

fn cannot(path: &Path) -> Failure {
    Failure::missing(format!("cannot lock `{}`", path.display()))
        .help("see that the folder is writable and its disk is not full")
}

fn is_still(path: &Path, file: &File) -> bool {
    let same =
        |one: &fs::Metadata, other: &fs::Metadata| one.ino() == other.ino() && one.dev() == other.dev();
    matches!((fs::metadata(path), file.metadata()), (Ok(one), Ok(other)) if same(&one, &other))
}

fn read_pid(mut file: File) -> u32 {
    let mut text = String::new();
    file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_somebody_else_is_told() {
        let error = || io::Error::from(io::ErrorKind::PermissionDenied);
        let dir = tempfile::tempdir().unwrap();
        let lock = dir.path().join("lock");
        assert!(denied(&lock, error()).to_string().starts_with("cannot lock `"));
        // Only root can give a folder away; all others have none of root's.
        let another = if geteuid().is_root() {
            std::os::unix::fs::chown(dir.path(), Some(65534), None).unwrap();
            lock.as_path()
        } else {
            Path::new("/lock")
        };
        assert!(denied(another, error()).to_string().ends_with("` belongs to another user"));
    }

    #[test]
    fn one_holder_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.lock");
        let lock = Lock::try_acquire(&path).unwrap().unwrap();
        assert_eq!(Lock::holder(&path).unwrap(), Some(0));
        lock.sign().unwrap();
        assert_eq!(Lock::holder(&path).unwrap(), Some(std::process::id()));
        assert_eq!(Lock::try_acquire(&path).unwrap().unwrap_err(), std::process::id());
        drop(lock);
        assert!(!path.exists());
        assert_eq!(Lock::holder(&path).unwrap(), None);
    }

    #[test]
    fn a_stale_file_is_no_lock() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.lock");
        fs::write(&path, "1").unwrap();
        assert_eq!(Lock::holder(&path).unwrap(), None);
        assert!(Lock::try_acquire(&path).unwrap().is_ok());
    }
}
