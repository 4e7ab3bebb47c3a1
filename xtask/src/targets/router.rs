//! `router`: the SNI router at the entrance.

pub mod check;
mod hosts;
mod logs;
mod render;
mod start;
mod status;
mod stop;

use clap::Subcommand;

use crate::context::Context;
use crate::platform;

pub use status::{RouterView, told};

/// Start, stop, look at and check the SNI router
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Start(start::Args),
    Stop(stop::Args),
    Restart(stop::RestartArgs),
    Status(status::Args),
    Check(check::Args),
    Render(render::Args),
    Hosts(hosts::Args),
    Logs(logs::Args),
}

impl Args {
    /// Runs the verb.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let done = match self.verb {
            Verb::Start(args) => args.run(cx),
            Verb::Stop(args) => args.run(cx),
            Verb::Restart(args) => args.run(cx),
            Verb::Status(args) => args.run(cx),
            Verb::Check(args) => args.run(cx),
            Verb::Render(args) => args.run(cx),
            Verb::Hosts(args) => args.run(cx),
            Verb::Logs(args) => args.run(cx),
        };
        done.map_err(|error| if cx.interrupt.requested() { platform::interrupted(cx) } else { error })
    }
}
