//! `tarball pull`: a tarball of the Release Service.

use crate::context::Context;

/// Fetch a release tarball from the Release Service
#[derive(clap::Args, Debug)]
pub struct Args {}

impl Args {
    /// Runs it.
    pub fn run(self, _: &Context) -> anyhow::Result<()> {
        anyhow::bail!("not there yet")
    }
}
