//! `bench`: measurements. None of them passes or fails by a time.

mod router;

use clap::Subcommand;

use crate::context::Context;

/// Measure the program against others of its kind
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Router(router::Args),
}

impl Args {
    /// Runs the verb.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        match self.verb {
            Verb::Router(args) => args.run(cx),
        }
    }
}
