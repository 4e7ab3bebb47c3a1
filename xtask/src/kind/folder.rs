//! The folder that the nodes see of this machine.

#[cfg(test)]
mod tests;

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use zeroize::Zeroizing;

use super::credentials;
use super::registries;
use crate::context::Context;
use crate::failure::Failure;
use crate::profile::KindProfile;
use crate::state::{StateDir, make_private};

/// Where a node has the folder. It also tells whose cluster it is.
pub const MOUNT: &str = "/etc/xtask";
/// In the folder: what the API server logs.
pub const AUDIT_POLICY: &str = "audit-policy.yaml";
/// In the folder: a folder for each registry that has mirrors.
pub const CERTS: &str = "certs.d";

/// What to do about a folder of somebody else.
const OTHERS: &str = "run as the user who made it, or remove it as that user";

/// What the API server logs of requests.
pub fn audit_policy() -> &'static str {
    include_str!("../../../templates/audit-policy.template")
}

/// The folder that the nodes see. Its files are rewritten in place: a node has
/// the file itself, and would not see another one of that name.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

/// A file of the folder, as it shall be.
pub(super) struct Wanted {
    /// Relative to the folder.
    pub(super) path: PathBuf,
    pub(super) content: Zeroizing<Vec<u8>>,
    pub(super) secret: bool,
    /// For people.
    pub(super) what: String,
}

impl Folder {
    /// That of the profile; it need not exist.
    pub fn of(cx: &Context) -> Self {
        Self { path: StateDir::of(cx).file("kind/node") }
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it has been written, however long ago.
    pub fn is_there(&self) -> bool {
        self.path.join(AUDIT_POLICY).is_file()
    }

    /// Makes what the nodes mount, empty. Else Docker does when it is asked for
    /// a file of a node, and who is not root could not write there.
    pub(super) fn make(&self, cx: &Context) -> anyhow::Result<()> {
        StateDir::of(cx).create()?;
        make_private(&self.path, OTHERS)?;
        make_private(&self.path.join(CERTS), OTHERS)
    }

    /// Brings it up to date, and says what has changed. Nothing is written
    /// unless all that goes into it could be read.
    pub fn write(&self, cx: &Context, profile: &KindProfile) -> anyhow::Result<Vec<String>> {
        let wanted = self.wanted(cx, profile)?;
        StateDir::of(cx).create()?;
        let mut changes = Vec::new();
        for file in wanted {
            let path = self.path.join(&file.path);
            make_private(path.parent().unwrap_or(&self.path), OTHERS)?;
            if put(&path, &file)? {
                changes.push(file.what);
            }
        }
        let certs = self.path.join(CERTS);
        make_private(&certs, OTHERS)?;
        changes.extend(registries::sweep(&certs, profile)?);
        Ok(told_once(changes))
    }

    /// What [`Folder::write`] would change.
    pub fn outdated(&self, cx: &Context, profile: &KindProfile) -> anyhow::Result<Vec<String>> {
        let is_other = |file: &Wanted| {
            let there = fs::read(self.path.join(&file.path)).map(Zeroizing::new);
            there.map_or(true, |there| there != file.content)
        };
        let wanted = self.wanted(cx, profile)?;
        let mut changes: Vec<String> = wanted.into_iter().filter(is_other).map(|file| file.what).collect();
        let unwanted = registries::unwanted(&self.path.join(CERTS), profile)?;
        changes.extend(unwanted.into_iter().map(|unwanted| unwanted.what));
        Ok(told_once(changes))
    }

    fn wanted(&self, cx: &Context, profile: &KindProfile) -> anyhow::Result<Vec<Wanted>> {
        let mut wanted = registries::files(cx, profile)?;
        wanted.push(Wanted {
            path: AUDIT_POLICY.into(),
            content: audit_policy().as_bytes().to_vec().into(),
            secret: false,
            what: "the audit policy".to_owned(),
        });
        wanted.extend(credentials::file(cx, profile, &self.path)?);
        Ok(wanted)
    }
}

/// The files of a registry, and what is swept, say the same.
fn told_once(mut changes: Vec<String>) -> Vec<String> {
    changes.sort();
    changes.dedup();
    changes
}

/// Writes the file unless it is as it shall be; whether it was not.
fn put(path: &Path, wanted: &Wanted) -> anyhow::Result<bool> {
    let write = || -> std::io::Result<bool> {
        match fs::read(path).map(Zeroizing::new) {
            Ok(there) if there == wanted.content => return Ok(false),
            // Docker puts a folder where a file it shall mount is absent.
            Err(error) if error.kind() == ErrorKind::IsADirectory => fs::remove_dir(path)?,
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mode = if wanted.secret { 0o600 } else { 0o644 };
        let mut file = OpenOptions::new().write(true).create(true).truncate(false).mode(mode).open(path)?;
        file.write_all(&wanted.content)?;
        file.set_len(u64::try_from(wanted.content.len()).unwrap_or(u64::MAX))?;
        file.sync_all()?;
        Ok(true)
    };
    write().with_context(|| {
        Failure::missing(format!("cannot write `{}`", path.display()))
            .help("see that its folder is writable and its disk is not full")
    })
}
