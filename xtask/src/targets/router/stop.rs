//! `router stop`, `router restart`.

use std::time::Duration;

use serde::Serialize;

use super::flags::{SandboxArgs, Settings};
use super::skip;
use super::start::{self, Start};
use crate::context::Context;
use crate::daemon::{MAX_DRAIN, Stopped};
use crate::discovery;
use crate::engine;
use crate::entrance;
use crate::launch::{self, Launch};
use crate::platform;
use crate::report::{Answer, Page, Style};
use crate::watch;

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
    /// Do not follow changes in the cluster
    #[arg(long)]
    no_watch: bool,
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    sandbox: SandboxArgs,
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
        if cx.environment.skip_router {
            return skip(cx, "router stop");
        }
        // Another call may be changing what is read here.
        platform::take_turn(cx)?;
        if cx.dry_run {
            // Which engine, before anything is promised.
            engine::of(&launch::resume_to_stop(cx)?)?;
            return cx.reporter.would("stop the router, if it runs");
        }
        let outcome = entrance::stop(cx, self.drain.drain)?;
        cx.reporter.answer("router stop", &StopAnswer { outcome })
    }
}

impl RestartArgs {
    /// Returns when the router serves again.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        if cx.environment.skip_router {
            return skip(cx, "router restart");
        }
        let settings = self.settings;
        let cx = &cx.overriding(settings.overrides()).serving(self.sandbox.request()?);
        // Before anything is looked up: another call may be changing it.
        platform::take_turn(cx)?;
        let last = Launch::last(cx)?.unwrap_or_else(|| entrance::launch_of(cx, &[]));
        let (running, cx) = (&launch::resume_to_stop(cx)?, &launch::resume(cx)?);
        settings.check(cx)?;
        let (old, engine) = (engine::of(running)?, engine::of(cx)?);
        // A daemon of another version cannot tell its table.
        let before = old.serving(running).ok().flatten();
        let backends = last.backends_with(&self.backend);
        let discovered = match &before {
            Some(before) => discovery::discover_after(cx, &backends, &before.table)?,
            None => discovery::discover(cx, &backends)?,
        };
        let listeners = entrance::own_listeners(cx, engine.as_ref(), before)?;
        let discovered = discovered.without_loops(cx, &listeners, &backends)?;
        if cx.dry_run {
            cx.reporter.would("stop the router, if it runs")?;
            return start::show(cx, engine.as_ref(), &discovered);
        }
        // What is missing shall not be found out once the old one has gone.
        engine.provide(cx)?;
        old.stop(running, self.drain.drain)?;
        watch::stop(cx)?;
        let launch = entrance::launch_of(cx, &backends);
        let (wait, follow) = (false, !self.no_watch);
        Start { command: "router restart", launch, discovered, wait, follow }.run(cx, engine.as_ref())
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
