//! `tarball build`: a tarball of a checkout.

use crate::context::Context;

/// Build a release tarball from a checkout
#[derive(clap::Args, Debug)]
pub struct Args {}

impl Args {
    /// Runs it.
    pub fn run(self, _: &Context) -> anyhow::Result<()> {
        anyhow::bail!("not there yet")
    }
}
