//! kubectl's lock on a kubeconfig.

use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::context::Context;
use crate::failure::Failure;

/// Longest that another program's lock is waited for: kubectl holds it for milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it is tried again.
const RETRY: Duration = Duration::from_millis(10);

/// Held until this is dropped. A file that is there is the lock, as client-go's
/// `tools/clientcmd/config.go` has it: it outlives a holder that is killed.
#[derive(Debug)]
pub struct FileLock(PathBuf);

impl FileLock {
    /// Locks the file at `path`, which need not exist; its folder must.
    pub fn acquire(cx: &Context, path: &Path) -> anyhow::Result<Self> {
        let lock = path.with_added_extension("lock");
        let longest = Instant::now() + PATIENCE;
        let deadline = cx.deadline.or(PATIENCE).min(longest);
        loop {
            match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&lock) {
                Ok(_) => return Ok(Self(lock)),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => {
                    return Err(error).with_context(|| {
                        Failure::missing(format!("cannot lock `{}`", path.display()))
                            .help("see that its folder is writable and its disk is not full")
                    });
                }
            }
            cx.interrupt.check()?;
            if Instant::now() >= deadline {
                let shown = lock.display();
                return Err(Failure::missing(format!("another program holds `{shown}`"))
                    .help(format!("if none runs that changes the kubeconfig: `rm '{shown}'`"))
                    .into());
            }
            thread::sleep(RETRY);
        }
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
