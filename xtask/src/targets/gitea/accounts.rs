//! `gitea accounts`: the server's accounts and their secrets.

use crate::context::Context;

/// Make the accounts and their secrets, or verify them
#[derive(clap::Args, Debug)]
pub struct Args {}

impl Args {
    /// Runs it.
    pub fn run(self, _: &Context) -> anyhow::Result<()> {
        anyhow::bail!("not there yet")
    }
}
