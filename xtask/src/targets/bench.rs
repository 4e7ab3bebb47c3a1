//! `bench`: measurements. None of them passes or fails by a time.

mod checkout;
mod example;
mod kind_up;
mod router;
mod router_start;
mod said;
mod seed;
mod summary;

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
    RouterStart(router_start::Args),
    KindUp(kind_up::Args),
    Seed(seed::Args),
}

impl Args {
    /// Runs the verb.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        match self.verb {
            Verb::Router(args) => args.run(cx),
            Verb::RouterStart(args) => args.run(cx),
            Verb::KindUp(args) => args.run(cx),
            Verb::Seed(args) => args.run(cx),
        }
    }
}
