//! `kind`: the cluster in Docker.

use crate::context::Context;
use crate::failure::Failure;

/// Make, look at and remove the cluster that kind runs in Docker
#[derive(clap::Args, Debug)]
pub struct Args {}

impl Args {
    /// Runs the verb.
    pub fn run(self, _: &Context) -> anyhow::Result<()> {
        Err(Failure::failed("not built yet").into())
    }
}
