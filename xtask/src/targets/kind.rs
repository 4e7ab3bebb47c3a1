//! `kind`: the cluster in Docker.

mod down;
mod kubeconfig;
mod render;
mod status;
mod up;

use clap::Subcommand;

use crate::context::Context;

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
        match self.verb {
            Verb::Up(args) => args.run(cx),
            Verb::Down(args) => args.run(cx),
            Verb::Status(args) => args.run(cx),
            Verb::Render(args) => args.run(cx),
            Verb::Kubeconfig(args) => args.run(cx),
        }
    }
}
