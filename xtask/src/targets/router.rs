//! `router`: the SNI router at the entrance.

pub mod check;
mod flags;
mod hosts;
mod logs;
mod render;
mod start;
mod status;
mod stop;
mod sync;
mod watch;

use clap::Subcommand;
use serde::Serialize;

use crate::context::Context;
use crate::platform;
use crate::report::{Answer, Page, Style};

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
    Sync(sync::Args),
    Watch(watch::Args),
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
            Verb::Sync(args) => args.run(cx),
            Verb::Watch(args) => args.run(cx),
            Verb::Check(args) => args.run(cx),
            Verb::Render(args) => args.run(cx),
            Verb::Hosts(args) => args.run(cx),
            Verb::Logs(args) => args.run(cx),
        };
        done.map_err(|error| if cx.interrupt.requested() { platform::interrupted(cx) } else { error })
    }
}

/// The answer of a target that `SKIP_ROUTER` turns off.
#[derive(Serialize)]
struct Skipped {
    skipped: bool,
}

/// Does nothing, and says so.
fn skip(cx: &Context, command: &str) -> anyhow::Result<()> {
    cx.reporter.answer(command, &Skipped { skipped: true })
}

impl Answer for Skipped {
    fn write(&self, page: &mut Page) {
        page.styled(Style::Warn, "skipped: SKIP_ROUTER is set");
    }
}
