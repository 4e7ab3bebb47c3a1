//! `gitea seed`: a release becomes a commit on the Git server.

use crate::context::Context;

/// Put the files of a release on the branch, as one commit on top of it
#[derive(clap::Args, Debug)]
pub struct Args {}

impl Args {
    /// Runs it.
    pub fn run(self, _: &Context) -> anyhow::Result<()> {
        anyhow::bail!("not there yet")
    }
}
