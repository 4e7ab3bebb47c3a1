//! `tarball list`: what is published, or in a tarball.

use crate::context::Context;

/// List the releases that are published
#[derive(clap::Args, Debug)]
pub struct Args {}

impl Args {
    /// Runs it.
    pub fn run(self, _: &Context) -> anyhow::Result<()> {
        anyhow::bail!("not there yet")
    }
}
