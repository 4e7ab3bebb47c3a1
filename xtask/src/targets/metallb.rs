//! `metallb`: addresses for load balancers.

use crate::context::Context;
use crate::failure::Failure;

/// Give the load balancers their addresses
#[derive(clap::Args, Debug)]
pub struct Args {}

impl Args {
    /// Runs the verb.
    pub fn run(self, _: &Context) -> anyhow::Result<()> {
        Err(Failure::failed("not built yet").into())
    }
}
