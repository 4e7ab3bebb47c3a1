//! `tarball verify`: what seeding would refuse.

use crate::context::Context;

/// Check a release tarball without seeding it
#[derive(clap::Args, Debug)]
pub struct Args {}

impl Args {
    /// Runs it.
    pub fn run(self, _: &Context) -> anyhow::Result<()> {
        anyhow::bail!("not there yet")
    }
}
