//! `gitea verify`: a release compared with the branch.

use crate::context::Context;

/// Compare a release with the branch, file by file
#[derive(clap::Args, Debug)]
pub struct Args {}

impl Args {
    /// Runs it.
    pub fn run(self, _: &Context) -> anyhow::Result<()> {
        anyhow::bail!("not there yet")
    }
}
