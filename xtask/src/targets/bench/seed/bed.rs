//! What the measurements have in common: tarballs, a workspace, repositories.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, ensure};
use indicatif::HumanBytes;
use rustix::fs::{statvfs, syncfs};

use super::archive::{self, Size};
use super::input::{Edition, Input};
use super::repository::Repository;
use super::way::{PROFILE, Task, Way};
use crate::context::Context;
use crate::failure::Failure;
use crate::profile::GiteaProfile;
use crate::state::StateDir;
use crate::targets::bench::checkout::Checkout;

/// What everything is measured on. It is removed when this is dropped.
pub struct Bed<'a> {
    cx: &'a Context,
    state: StateDir,
    checkout: Checkout,
    profile: &'a GiteaProfile,
    /// How a repository of ours is set.
    config: String,
}

/// What one seeding took.
#[derive(Clone, Copy)]
pub struct Cost {
    pub seconds: f64,
    /// Most bytes that one process had in memory.
    pub peak: u64,
    /// Bytes of the pack that was sent.
    pub sent: u64,
}

impl<'a> Bed<'a> {
    /// Makes it, after what a call that was killed has left.
    pub fn make(cx: &'a Context, profile: &'a GiteaProfile) -> anyhow::Result<Self> {
        let (state, checkout) = (StateDir::of(cx), Checkout::of(cx, "workspace")?);
        let mut bed = Self { cx, state, checkout, profile, config: String::new() };
        bed.state.remove()?;
        bed.state.create()?;
        bed.checkout.make(&[PROFILE])?;
        bed.learn()?;
        Ok(bed)
    }

    /// Fails unless its disk has room for `bytes` more.
    pub fn check_disk(&self, bytes: u64) -> anyhow::Result<()> {
        check_disk(self.state.path(), bytes)
    }

    /// Writes an input's tarball.
    pub fn archive(&self, input: Input, edition: Edition) -> anyhow::Result<(PathBuf, Size)> {
        let path = self.state.file(&format!("{}-{edition:?}.tar.gz", input.name()).to_lowercase());
        let size = archive::write(self.cx, input, edition, &path)?;
        Ok((path, size))
    }

    /// The repository of a way. That of this program is where it looks for it.
    pub fn repository(&self, way: Way) -> Repository<'a> {
        let path = match way {
            Way::GiteaSeed => {
                let (owner, name) = (&self.profile.repository.owner, &self.profile.repository.name);
                let folder = self.checkout.root().join(format!(".xtask/{PROFILE}/repositories"));
                folder.join(owner).join(format!("{name}.git"))
            }
            _ => self.state.file(&format!("{}.git", way.name())),
        };
        Repository::new(self.cx, path, &self.profile.branch)
    }

    /// Makes a way's repository anew.
    pub fn empty(&self, way: Way) -> anyhow::Result<()> {
        self.repository(way).empty(&self.config)
    }

    /// Seeds the archive, and tells what it took and which tree is there now.
    pub fn seed(&self, way: Way, archive: &Path, message: &str) -> anyhow::Result<(Cost, String)> {
        let to = &self.repository(way);
        let scratch = &self.state.file("scratch");
        let before = to.packed()?;
        self.settle()?;
        let since = Instant::now();
        let task = Task { cx: self.cx, archive, to, scratch, message, checkout: &self.checkout };
        let peak = way.seed(task)?;
        let seconds = since.elapsed().as_secs_f64();
        if scratch.exists() {
            fs::remove_dir_all(scratch).context("cannot remove a work tree")?;
        }
        Ok((Cost { seconds, peak, sent: to.packed()? - before }, to.tree()?))
    }

    /// What one has left to be written to the disk is not the next one's load.
    fn settle(&self) -> anyhow::Result<()> {
        let folder = fs::File::open(self.state.path()).context("cannot open the state directory")?;
        syncfs(folder).context("cannot write to the disk")
    }

    /// Lets this program make a repository, to have others like it.
    fn learn(&mut self) -> anyhow::Result<()> {
        let (archive, _) = self.archive(Input::Emf, Edition::First)?;
        let (cost, _) = self.seed(Way::GiteaSeed, &archive, "")?;
        ensure!(cost.sent > 0, "`gitea seed` has kept no pack");
        self.config = self.repository(Way::GiteaSeed).config()?;
        Ok(())
    }
}

impl Drop for Bed<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.state.remove() {
            self.cx.reporter.warn(&format!("{error:#}"));
        }
    }
}

fn check_disk(folder: &Path, bytes: u64) -> anyhow::Result<()> {
    let disk =
        statvfs(folder).with_context(|| format!("cannot look at the disk of `{}`", folder.display()))?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    if free >= bytes {
        return Ok(());
    }
    let (free, bytes) = (HumanBytes(free), HumanBytes(bytes));
    let message = format!("the disk of `{}` has {free} left, and {bytes} are needed", folder.display());
    Err(Failure::missing(message).help("make room, or measure less with `--input emf`").into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Exit, exit_of};

    #[test]
    fn a_full_disk_is_told_before() {
        let folder = tempfile::tempdir().unwrap();
        check_disk(folder.path(), 1).unwrap();
        let error = check_disk(folder.path(), u64::MAX).unwrap_err();
        assert_eq!(exit_of(&error), Exit::Missing, "{error:#}");
        assert!(error.to_string().contains("16.00 EiB are needed"), "{error:#}");
    }
}
