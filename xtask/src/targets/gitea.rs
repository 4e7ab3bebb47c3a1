//! `gitea`: the Git server that releases are seeded to.

mod accounts;
mod package;
mod seed;
mod status;
mod verify;

use clap::Subcommand;

use crate::context::Context;

/// Seed releases to the Git server that Argo CD reads
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Seed(seed::Args),
    Verify(verify::Args),
    Status(status::Args),
    Accounts(accounts::Args),
    Package(package::Args),
}

impl Args {
    /// Runs the verb.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        match self.verb {
            Verb::Seed(args) => args.run(cx),
            Verb::Verify(args) => args.run(cx),
            Verb::Status(args) => args.run(cx),
            Verb::Accounts(args) => args.run(cx),
            Verb::Package(args) => args.run(cx),
        }
    }
}
