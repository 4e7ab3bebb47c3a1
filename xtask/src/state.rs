//! The state directory of a profile: sockets, locks, logs, keys.

use std::fs::{self, DirBuilder, Metadata, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::context::Context;
use crate::failure::Failure;

/// Longest socket path used, in bytes; the kernel takes 107 (Linux) or 103
/// (macOS) of them.
const MAX_SOCKET_PATH: usize = 100;
/// The mode of a folder that is its owner's alone.
pub const PRIVATE: u32 = 0o700;

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

    /// Creates it, for its owner alone. Refuses one of somebody else.
    pub fn create(&self) -> anyhow::Result<()> {
        make_private(&self.path, "run as the user who made it, or remove it as that user")
    }

    /// Removes it with all that it holds. Says whether it was there.
    pub fn remove(&self) -> anyhow::Result<bool> {
        let fallback = self.fallback_dir();
        if fs::symlink_metadata(&fallback).is_ok_and(|metadata| is_ours(&metadata)) {
            fs::remove_dir_all(&fallback)
                .with_context(|| format!("cannot remove `{}`", fallback.display()))?;
            if self.runtime_dir.is_none() {
                // Other workspaces may have their folders there.
                let _ = fs::remove_dir(own_runtime_dir());
            }
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

    /// Makes the folder of a socket, for its owner alone. Refuses one of
    /// somebody else, which in `/tmp` anybody can make before us.
    pub fn create_socket_dir(&self, socket: &Path) -> anyhow::Result<()> {
        let dir = socket.parent().context("a socket has a folder")?;
        if dir == self.path {
            return self.create();
        }
        let help = "set XDG_RUNTIME_DIR to a folder of your own";
        if self.runtime_dir.is_none() {
            make_private(&own_runtime_dir(), help)?;
        }
        make_private(dir, help)
    }

    /// Two workspaces never share it: its name is a hash of the path.
    fn fallback_dir(&self) -> PathBuf {
        let base = self.runtime_dir.clone().unwrap_or_else(own_runtime_dir);
        base.join(format!("xtask-{:016x}", id_of(&self.path)))
    }
}

/// The place of a runtime directory where the system gives none.
fn own_runtime_dir() -> PathBuf {
    PathBuf::from(format!("/tmp/xtask-{}", user()))
}

/// Creates a folder with its parents, or takes the one that is there, so that
/// only its owner, who is this user, may look into it.
pub fn make_private(path: &Path, help: &str) -> anyhow::Result<()> {
    let shown = path.display();
    let cannot = || {
        Failure::missing(format!("cannot create the state directory `{shown}`"))
            .help("make its folder writable and see that its disk is not full")
    };
    let created = DirBuilder::new().recursive(true).mode(PRIVATE).create(path);
    // A link is not followed: it might lead anywhere.
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => return Err(created.err().unwrap_or(error)).with_context(cannot),
    };
    if !metadata.is_dir() && !metadata.is_symlink() {
        return created.with_context(cannot);
    }
    if !is_ours(&metadata) {
        let what = if metadata.is_symlink() { "is a symbolic link" } else { "belongs to another user" };
        return Err(Failure::refused(format!("`{shown}` {what}")).help(help).into());
    }
    if metadata.mode() & 0o777 != PRIVATE {
        fs::set_permissions(path, Permissions::from_mode(PRIVATE)).with_context(cannot)?;
    }
    Ok(())
}

fn is_ours(metadata: &Metadata) -> bool {
    metadata.is_dir() && metadata.uid() == user()
}

/// The user whom files that we make belong to.
pub fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Tells what belongs to one folder from what belongs to another.
pub fn id_of(path: &Path) -> u64 {
    digest(path.as_os_str().as_bytes())
}

/// Tells one content from another: FNV-1a, which is the same in every build of
/// this program, and no proof against somebody who wants two to be alike.
pub fn digest(content: &[u8]) -> u64 {
    content
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::failure::{Exit, exit_of};

    #[test]
    fn a_folder_that_others_may_read_is_closed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b");
        fs::create_dir_all(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o777)).unwrap();
        make_private(&path, "").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, PRIVATE);
    }

    #[test]
    fn a_link_is_refused_and_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let (path, target) = (dir.path().join("link"), dir.path().join("target"));
        fs::create_dir(&target).unwrap();
        let mode = fs::metadata(&target).unwrap().mode();
        symlink(&target, &path).unwrap();
        let error = make_private(&path, "").unwrap_err();
        assert_eq!(exit_of(&error), Exit::Refused);
        assert!(error.to_string().ends_with("` is a symbolic link"), "{error}");
        assert_eq!(fs::metadata(&target).unwrap().mode(), mode);
    }

    #[test]
    fn a_folder_of_another_user_is_refused() {
        // Nobody but root can make one; then the system's own serve.
        let dir = if user() == 0 {
            let dir = tempfile::tempdir().unwrap();
            std::os::unix::fs::chown(dir.path(), Some(1), None).unwrap();
            dir.keep()
        } else {
            PathBuf::from("/")
        };
        let error = make_private(&dir, "").unwrap_err();
        assert_eq!(exit_of(&error), Exit::Refused);
        assert!(error.to_string().ends_with("` belongs to another user"), "{error}");
        if user() == 0 {
            fs::remove_dir(dir).unwrap();
        }
    }
}
