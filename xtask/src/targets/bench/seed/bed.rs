//! What the measurements have in common: tarballs, a workspace, hosts.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;
use indicatif::HumanBytes;
use rustix::fs::{statvfs, syncfs};

use super::archive::{self, Size};
use super::disk::Disk;
use super::host::Host;
use super::input::{Edition, Input};
use super::server::Server;
use super::transport::Transport;
use super::way::{Task, Way};
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
    hosts: Vec<Box<dyn Host + 'a>>,
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
    pub fn make(
        cx: &'a Context,
        profile: &'a GiteaProfile,
        transports: &[Transport],
    ) -> anyhow::Result<Self> {
        let (state, checkout) = (StateDir::of(cx), Checkout::of(cx, "workspace")?);
        let mut bed = Self { cx, state, checkout, hosts: Vec::new() };
        bed.state.remove()?;
        bed.state.create()?;
        let profiles: Vec<_> = transports.iter().map(|transport| transport.profile()).collect();
        bed.checkout.make(&profiles)?;
        for transport in transports {
            bed.hosts.push(match transport {
                Transport::Path => Box::new(Disk::make(cx, &bed.checkout, profile)?),
                Transport::Https => Box::new(Server::start(cx, &profile.branch)?),
            });
        }
        Ok(bed)
    }

    /// What is pushed to.
    pub fn hosts(&self) -> impl Iterator<Item = &dyn Host> {
        self.hosts.iter().map(|host| &**host)
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

    /// Seeds the archive, and tells what it took and which tree is there now.
    pub fn seed(
        &self,
        host: &dyn Host,
        way: Way,
        archive: &Path,
        message: &str,
    ) -> anyhow::Result<(Cost, String)> {
        let to = &host.repository(way);
        let scratch = &self.state.file("scratch");
        let before = to.packed()?;
        self.settle()?;
        let since = Instant::now();
        let call = self.checkout.call(host.transport().profile(), &["gitea", "seed"]);
        let task = Task { cx: self.cx, archive, to, scratch, message, call };
        let peak = way.seed(&task)?;
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
}

impl Drop for Bed<'_> {
    fn drop(&mut self) {
        // A server writes until it has ended.
        self.hosts.clear();
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
