//! `gen`: what others need to know of the host names.

pub mod hosts;
mod sni;

use clap::Subcommand;

use crate::context::Context;

/// Generate what other programs need to know of the host names
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Hosts(hosts::Args),
    Sni(sni::Args),
}

impl Args {
    /// Runs the verb.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        match self.verb {
            Verb::Hosts(args) => args.run(cx),
            Verb::Sni(args) => args.run(cx),
        }
    }
}
