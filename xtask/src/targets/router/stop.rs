//! `router stop`, `router restart`.

use std::time::Duration;

use serde::Serialize;

use super::start;
use crate::context::Context;
use crate::daemon::{MAX_DRAIN, Stopped};
use crate::discovery;
use crate::engine::{self, RouterEngine as _};
use crate::platform;
use crate::report::{Answer, Page, Style};

/// Stop the router; open connections may end first
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    drain: Drain,
}

/// Stop the router and start it again, with the table it had where nothing newer is known
#[derive(clap::Args, Debug)]
pub struct RestartArgs {
    /// Send a route to this address instead of the one discovered
    #[arg(long, value_name = "ROUTE=ADDRESS[:PORT]")]
    backend: Vec<String>,
    #[command(flatten)]
    drain: Drain,
}

#[derive(clap::Args, Clone, Copy, Debug)]
struct Drain {
    /// How long open connections may take before they are cut
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = drain)]
    drain: Duration,
}

#[derive(Serialize)]
struct StopAnswer {
    outcome: Stopped,
}

/// A duration that is not longer than anybody waits.
fn drain(text: &str) -> Result<Duration, String> {
    let drain = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    let most = humantime::format_duration(MAX_DRAIN);
    if drain <= MAX_DRAIN { Ok(drain) } else { Err(format!("longer than {most}")) }
}

impl Args {
    /// Returns when the router has ended.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let engine = engine::of(cx)?;
        if cx.dry_run {
            return cx.reporter.would("stop the router, if it runs");
        }
        platform::take_turn(cx)?;
        let outcome = engine.stop(self.drain.drain)?;
        cx.reporter.answer("router stop", &StopAnswer { outcome })
    }
}

impl RestartArgs {
    /// Returns when the router serves again.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let engine = engine::of(cx)?;
        // Before anything is looked up: another call may be changing it.
        platform::take_turn(cx)?;
        // A daemon of another version cannot tell its table.
        let before = engine.serving().ok().flatten();
        let table = match &before {
            Some(before) => discovery::table_after(cx, &self.backend, &before.table)?,
            None => discovery::table(cx, &self.backend)?,
        };
        start::refuse_loops(cx, &engine, before.as_ref(), &table)?;
        if cx.dry_run {
            cx.reporter.would("stop the router, if it runs")?;
            return start::show(cx, &engine, &table);
        }
        engine.stop(self.drain.drain)?;
        start::start(cx, &engine, "router restart", &table)
    }
}

impl Answer for StopAnswer {
    fn write(&self, page: &mut Page) {
        match self.outcome {
            Stopped::Already => page.styled(Style::Good, "the router was not running"),
            Stopped::Killed => page.styled(Style::Warn, "the router did not answer and was killed"),
            Stopped::Ended => page.styled(Style::Good, "the router has stopped"),
        }
    }
}
