//! The repository that one way of seeding pushes to.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;

use super::host::Access;
use crate::context::Context;
use crate::git::git;

/// How long Git may take to say what is there.
const PATIENCE: Duration = Duration::from_mins(1);
/// The old way makes a history of its own each time, which a repository of ours
/// refuses otherwise; and packs are kept as they come, to be looked at.
const SETTINGS: &str = "[receive]\n\tdenyNonFastForwards = false\n\tunpackLimit = 1\n";

/// A bare repository, as its host makes them.
pub struct Repository<'a> {
    cx: &'a Context,
    path: PathBuf,
    branch: &'a str,
    /// What others of its host's are set to.
    config: &'a str,
    access: Access,
}

impl<'a> Repository<'a> {
    /// The one at `path`, which need not exist.
    pub fn new(cx: &'a Context, path: PathBuf, branch: &'a str, config: &'a str, access: Access) -> Self {
        Self { cx, path, branch, config, access }
    }

    /// How a client comes to it.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// The branch that is seeded.
    pub fn branch(&self) -> &str {
        self.branch
    }

    /// Makes it anew, without a commit.
    pub fn empty(&self) -> anyhow::Result<()> {
        self.remove()?;
        let branch = format!("--initial-branch={}", self.branch);
        let init = git(self.cx).args(["init", "--quiet", "--bare", "--template=", &branch, "--"]);
        init.args([&self.path]).read(self.cx)?;
        let file = self.path.join("config");
        fs::write(&file, format!("{}{SETTINGS}", self.config))
            .with_context(|| format!("cannot write `{}`", file.display()))
    }

    /// What it is set to.
    pub fn read_config(&self) -> anyhow::Result<String> {
        let file = self.path.join("config");
        fs::read_to_string(&file).with_context(|| format!("cannot read `{}`", file.display()))
    }

    /// The tree of the branch's newest commit.
    pub fn tree(&self) -> anyhow::Result<String> {
        let tree = format!("refs/heads/{}^{{tree}}", self.branch);
        let parse = git(self.cx).args(["rev-parse", "--verify", &tree]).dir(&self.path);
        Ok(parse.quietly(PATIENCE)?.trim().to_owned())
    }

    /// Bytes of its packs: each is kept as it came.
    pub fn packed(&self) -> anyhow::Result<u64> {
        let folder = self.path.join("objects/pack");
        let size = || -> std::io::Result<u64> {
            let mut bytes = 0;
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                if entry.path().extension().is_some_and(|extension| extension == "pack") {
                    bytes += entry.metadata()?.len();
                }
            }
            Ok(bytes)
        };
        match size() {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
            size => size.with_context(|| format!("cannot look into `{}`", folder.display())),
        }
    }

    /// Removes it.
    pub fn remove(&self) -> anyhow::Result<()> {
        match fs::remove_dir_all(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove `{}`", self.path.display()))
            }
            _ => Ok(()),
        }
    }
}
