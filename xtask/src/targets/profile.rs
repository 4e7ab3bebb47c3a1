//! `profile`: which there are, what one says, which one is meant.

mod list;
mod show;
mod use_;

use clap::Subcommand;

use crate::context::Context;

/// Show, list and choose profiles
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Show(show::Args),
    List(list::Args),
    Use(use_::Args),
}

impl Args {
    /// Runs the verb.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        match self.verb {
            Verb::Show(args) => args.run(cx),
            Verb::List(args) => args.run(cx),
            Verb::Use(args) => args.run(cx),
        }
    }
}
