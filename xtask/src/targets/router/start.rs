//! `router start`.

use anyhow::Context as _;
use routing::Listeners;
use serde::Serialize;

use super::flags::{SandboxArgs, Settings};
use super::skip;
use crate::check::{Outcome, Proof, prove};
use crate::context::{Context, Launch};
use crate::discovery::{self, Discovered, Pending};
use crate::engine::{self, Change, RouterEngine};
use crate::entrance;
use crate::failure::Failure;
use crate::platform;
use crate::report::{Answer, Page, Style};
use crate::watch;

/// Start the router, or give the running one its new table
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Send a route to this address instead of the one discovered
    #[arg(long, value_name = "ROUTE=ADDRESS[:PORT]")]
    pub backend: Vec<String>,
    /// Wait until every route has its backend, and that answers
    #[arg(long)]
    wait: bool,
    /// Do not follow changes in the cluster
    #[arg(long)]
    no_watch: bool,
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    sandbox: SandboxArgs,
}

/// What there is after a start.
#[derive(Serialize)]
struct Started {
    change: Change,
    listeners: Listeners,
    routes: Vec<Proof>,
    /// Routes whose backend is not known yet.
    absent: Vec<String>,
    /// Why not.
    pending: Vec<Pending>,
    /// The process that follows changes in the cluster.
    watch: Option<u32>,
}

impl Args {
    /// Returns when the router serves.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let settings = self.settings;
        let cx = &cx.overriding(settings.overrides()).serving(self.sandbox.request()?);
        if cx.environment.skip_router {
            return skip(cx, "router start");
        }
        settings.check(cx)?;
        let engine = engine::of(cx)?;
        // Before anything is looked up: another call may be changing it.
        platform::take_turn(cx)?;
        entrance::refuse_other_engine(cx)?;
        engine.preflight(cx)?;
        let launch = entrance::launch_of(cx, &self.backend);
        let discovered = if self.wait && !cx.dry_run {
            discovery::discover_all(cx, &self.backend)?
        } else {
            discovery::discover(cx, &self.backend)?
        };
        // Whether one that does not answer yet comes to do so is for the start to find out.
        let serving = engine.serving(cx).ok().flatten();
        let listeners = entrance::own_listeners(cx, engine.as_ref(), serving)?;
        let discovered = discovered.without_loops(cx, &listeners, &self.backend)?;
        if cx.dry_run {
            return show(cx, engine.as_ref(), &discovered);
        }
        let (wait, follow) = (self.wait, !self.no_watch);
        Start { command: "router start", launch, discovered, wait, follow }.run(cx, engine.as_ref())
    }
}

/// A start that has been looked into, and can be made.
pub struct Start {
    /// Who answers.
    pub command: &'static str,
    /// What is remembered for later calls.
    pub launch: Launch,
    /// The table to be.
    pub discovered: Discovered,
    /// Wait for backends that do not answer yet.
    pub wait: bool,
    /// Follow changes in the cluster from now on.
    pub follow: bool,
}

impl Start {
    /// Starts the router, proves its routes, and answers.
    pub fn run(self, cx: &Context, engine: &dyn RouterEngine) -> anyhow::Result<()> {
        cx.reporter.warn_all(&self.discovered.warnings);
        let change = entrance::start(cx, engine, &self.launch, &self.discovered.table, self.follow)?;
        let Discovered { table, pending, .. } = self.discovered;
        let serving = engine.serving(cx)?.context("the router ended as soon as it had started")?;
        let watch = if self.follow { watch::start(cx, &self.launch)? } else { None };
        let routes = prove(cx, &serving, self.wait)?;
        let wrong: Vec<String> = routes.iter().filter_map(Proof::fault).collect();
        let absent = table.without_backend();
        let listeners = serving.listeners;
        cx.reporter.answer(self.command, &Started { change, listeners, routes, absent, pending, watch })?;
        if wrong.is_empty() {
            return Ok(());
        }
        Err(Failure::failed(format!("the router runs, but {}", wrong.join("; ")))
            .help("look closer with `cargo xtask router check` and `cargo xtask router logs`")
            .into())
    }
}

/// Shows what `start` would do.
pub fn show(cx: &Context, engine: &dyn RouterEngine, discovered: &Discovered) -> anyhow::Result<()> {
    let Discovered { table, pending, warnings } = discovered;
    cx.reporter.warn_all(warnings);
    engine.plan(cx, table)?.iter().try_for_each(|step| cx.reporter.would(step))?;
    cx.reporter.would(&format!("listen on {}", engine::describe_wanted(cx)?))?;
    for route in table.routes() {
        let why = pending.iter().find(|pending| pending.route == route.name).map(|pending| &*pending.why);
        let nowhere = || format!("nowhere: {}", why.unwrap_or("no backend is known"));
        let backend = route.backend.map_or_else(nowhere, |it| it.to_string());
        cx.reporter.would(&format!("send route `{}` to {backend}", route.name))?;
    }
    Ok(())
}

impl Answer for Started {
    fn write(&self, page: &mut Page) {
        let what = match self.change {
            Change::Started => "the router serves",
            Change::Reloaded => "the router serves with its new table",
            Change::Already => "the router serves already",
        };
        let listeners = self.listeners.iter().map(|(point, address)| format!("{point} {address}"));
        page.styled(Style::Good, format!("{what}: {}", listeners.collect::<Vec<_>>().join(", ")));
        let proven = self.routes.iter().filter(|proof| proof.outcome == Outcome::Proven).count();
        page.line(format!("{proven} of {} routes answer", self.routes.len()));
        for proof in &self.routes {
            let pending = self.pending.iter().find(|pending| pending.route == proof.route);
            if let Some(told) = proof.describe(pending.map(|pending| pending.why.as_str())) {
                page.folded(Style::Warn, 0, told);
            }
        }
        if let Some(pid) = self.watch {
            page.line(format!("changes in the cluster are followed by process {pid}"));
        }
    }
}
