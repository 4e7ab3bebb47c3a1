//! `tarball`: release tarballs.

mod build;
mod list;
mod pull;
mod verify;

use clap::Subcommand;

use crate::context::Context;

/// Build, fetch and check release tarballs
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Build(build::Args),
    Pull(pull::Args),
    Verify(verify::Args),
    List(list::Args),
}

impl Args {
    /// Runs the verb.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        match self.verb {
            Verb::Build(args) => args.run(cx),
            Verb::Pull(args) => args.run(cx),
            Verb::Verify(args) => args.run(cx),
            Verb::List(args) => args.run(cx),
        }
    }
}
