//! `gitea package`: the Debian package that seeds on premises.

use crate::context::Context;

/// Make the Debian package that seeds a release on premises
#[derive(clap::Args, Debug)]
pub struct Args {}

impl Args {
    /// Runs it.
    pub fn run(self, _: &Context) -> anyhow::Result<()> {
        anyhow::bail!("not there yet")
    }
}
