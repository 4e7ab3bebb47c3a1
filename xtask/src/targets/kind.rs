//! `kind`: the cluster in Docker.

mod down;
mod kubeconfig;
mod render;
mod status;
mod up;

use clap::Subcommand;

use crate::context::Context;
use crate::failure::{Exit, Failure, exit_of};

/// Make, look at and remove the cluster that kind runs in Docker
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Up(up::Args),
    Down(down::Args),
    Status(status::Args),
    Render(render::Args),
    Kubeconfig(kubeconfig::Args),
}

impl Args {
    /// Runs the verb.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let done = match self.verb {
            Verb::Up(args) => args.run(cx),
            Verb::Down(args) => args.run(cx),
            Verb::Status(args) => args.run(cx),
            Verb::Render(args) => args.run(cx),
            Verb::Kubeconfig(args) => args.run(cx),
        };
        done.map_err(|error| if cx.interrupt.requested() { interrupted(error) } else { error })
    }
}

/// The end of a call that the user interrupted, unless it told of its end itself.
fn interrupted(error: anyhow::Error) -> anyhow::Error {
    if exit_of(&error) == Exit::Interrupted && error.to_string() != "interrupted" {
        return error;
    }
    let help = "see what there is with `cargo xtask kind status`; `cargo xtask kind up` goes on, and `cargo xtask kind down` removes it";
    Failure::interrupted("interrupted").help(help).into()
}
