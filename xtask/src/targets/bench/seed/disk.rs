//! Bare repositories on this disk.

use std::path::PathBuf;

use anyhow::ensure;

use super::host::{Access, Host};
use super::measured;
use super::repository::Repository;
use super::transport::Transport;
use super::way::Way;
use crate::context::Context;
use crate::platform::SAMPLE;
use crate::profile::GiteaProfile;
use crate::state::StateDir;
use crate::targets::bench::checkout::Checkout;

/// This disk.
pub struct Disk<'a> {
    cx: &'a Context,
    state: StateDir,
    /// Where this program has its own repositories.
    own: PathBuf,
    profile: &'a GiteaProfile,
    /// How a repository of this program's is set.
    config: String,
}

impl<'a> Disk<'a> {
    /// Lets this program make a repository in the checkout, to have others like it.
    pub fn make(cx: &'a Context, checkout: &Checkout, profile: &'a GiteaProfile) -> anyhow::Result<Self> {
        let own = checkout.root().join(format!(".xtask/{}/repositories", Transport::Path.profile()));
        let mut disk = Self { cx, state: StateDir::of(cx), own, profile, config: String::new() };
        let call = checkout.call(Transport::Path.profile(), &["gitea", "seed", "--tree", SAMPLE]);
        measured::run(cx, &call.args(cx.overrides().iter().flat_map(|it| ["--set", it])))?;
        let made = disk.repository(Way::GiteaSeed);
        ensure!(made.packed()? > 0, "`gitea seed` has kept no pack");
        disk.config = made.read_config()?;
        Ok(disk)
    }

    fn path(&self, way: Way) -> PathBuf {
        match way {
            // Where it looks for it.
            Way::GiteaSeed => self.own.join(format!("{}.git", self.profile.repository)),
            Way::Unpack | Way::FastImport => self.state.file(&format!("{}.git", way.name())),
        }
    }
}

impl Host for Disk<'_> {
    fn transport(&self) -> Transport {
        Transport::Path
    }

    fn repository(&self, way: Way) -> Repository<'_> {
        let path = self.path(way);
        let address = path.clone().into_os_string();
        let access = Access { address, variables: Vec::new(), flags: Vec::new() };
        Repository::new(self.cx, path, &self.profile.branch, &self.config, access)
    }
}
