//! `gitea status`: what the Git server has.

use crate::context::Context;

/// Show the Git server, its repository and the release that is there
#[derive(clap::Args, Debug)]
pub struct Args {}

impl Args {
    /// Runs it.
    pub fn run(self, _: &Context) -> anyhow::Result<()> {
        anyhow::bail!("not there yet")
    }
}
