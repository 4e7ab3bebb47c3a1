//! The state directory of a profile: sockets, locks, logs, keys.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::context::Context;
use crate::failure::Failure;

/// Longest socket path used, in bytes; the kernel takes 107 (Linux) or 103
/// (macOS) of them.
const MAX_SOCKET_PATH: usize = 100;

/// Where one profile of one workspace keeps its state. Nobody but its owner
/// may look into it.
#[derive(Clone, Debug)]
pub struct StateDir {
    path: PathBuf,
    runtime_dir: Option<PathBuf>,
}

impl StateDir {
    /// The state directory of the chosen profile; it need not exist.
    pub fn of(cx: &Context) -> Self {
        Self { path: cx.state_dir(), runtime_dir: cx.environment.runtime_dir.clone() }
    }

    /// The directory itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Creates it, for its owner alone.
    pub fn create(&self) -> anyhow::Result<()> {
        create_private(&self.path).with_context(|| {
            Failure::missing(format!("cannot create the state directory `{}`", self.path.display()))
                .help("make the workspace writable and see that its disk is not full")
        })
    }

    /// Removes it with all that it holds. Says whether it was there.
    pub fn remove(&self) -> anyhow::Result<bool> {
        let fallback = self.fallback_dir();
        if fallback.is_dir() && owned_by_us(&fallback) {
            fs::remove_dir_all(&fallback)
                .with_context(|| format!("cannot remove `{}`", fallback.display()))?;
        }
        match fs::remove_dir_all(&self.path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error).with_context(|| format!("cannot remove `{}`", self.path.display())),
        }
    }

    /// The path of a socket: in the directory, or, where that is too long for
    /// the kernel, in the runtime directory.
    pub fn socket(&self, name: &str) -> PathBuf {
        let near = self.path.join(name);
        if near.as_os_str().as_bytes().len() <= MAX_SOCKET_PATH {
            near
        } else {
            self.fallback_dir().join(name)
        }
    }

    /// Makes the folder of a socket, for its owner alone.
    pub fn create_socket_dir(&self, socket: &Path) -> anyhow::Result<()> {
        let dir = socket.parent().context("a socket has a folder")?;
        create_private(dir).with_context(|| format!("cannot create `{}`", dir.display()))?;
        if !owned_by_us(dir) {
            let dir = dir.display();
            return Err(Failure::refused(format!("`{dir}` belongs to another user"))
                .help("set XDG_RUNTIME_DIR to a folder of your own")
                .into());
        }
        Ok(())
    }

    /// Two workspaces never share it: its name is a hash of the path.
    fn fallback_dir(&self) -> PathBuf {
        let user = rustix::process::getuid().as_raw();
        let base = self.runtime_dir.clone().unwrap_or_else(|| PathBuf::from(format!("/tmp/xtask-{user}")));
        base.join(format!("xtask-{:016x}", id_of(&self.path)))
    }
}

/// Creates a folder and its parents, for their owner alone.
fn create_private(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn owned_by_us(path: &Path) -> bool {
    let user = rustix::process::getuid().as_raw();
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir() && metadata.uid() == user)
}

/// Tells what belongs to one folder from what belongs to another: FNV-1a of
/// its path, which is the same in every build of this program.
pub fn id_of(path: &Path) -> u64 {
    let bytes = path.as_os_str().as_bytes().iter();
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
