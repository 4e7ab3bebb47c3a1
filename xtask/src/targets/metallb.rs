//! `metallb`: addresses for load balancers.

mod apply;
mod status;

use clap::Subcommand;

use crate::context::Context;

/// Give the load balancers their addresses
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Apply(apply::Args),
    Status(status::Args),
}

impl Args {
    /// Runs the verb.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        match self.verb {
            Verb::Apply(args) => args.run(cx),
            Verb::Status(args) => args.run(cx),
        }
    }
}
