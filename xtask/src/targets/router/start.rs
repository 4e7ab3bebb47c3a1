//! `router start`.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use anyhow::Context as _;
use routing::{EntryPoint, RoutingTable};
use serde::Serialize;

use crate::context::Context;
use crate::discovery;
use crate::engine::embedded::{Embedded, ListenerConfig};
use crate::engine::{self, Change, RouterEngine as _, Serving};
use crate::platform;
use crate::report::{Answer, Page, Style};

/// Start the router, or give the running one its new table
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Send a route to this address instead of the one discovered
    #[arg(long, value_name = "ROUTE=ADDRESS[:PORT]")]
    pub backend: Vec<String>,
}

/// What there is after a start.
#[derive(Serialize)]
pub struct Started {
    change: Change,
    listeners: BTreeMap<EntryPoint, SocketAddr>,
    /// Routes whose backend is not known yet.
    absent: Vec<String>,
}

impl Args {
    /// Returns when the router serves.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let engine = engine::of(cx)?;
        // Before anything is looked up: another call may be changing it.
        platform::take_turn(cx)?;
        let table = discovery::table(cx, &self.backend)?;
        refuse_loops(cx, &engine, engine.serving()?.as_ref(), &table)?;
        if cx.dry_run {
            return show(cx, &engine, &table);
        }
        start(cx, &engine, "router start", &table)
    }
}

/// Starts the router and answers for `command`.
pub fn start(cx: &Context, engine: &Embedded, command: &str, table: &RoutingTable) -> anyhow::Result<()> {
    let change = engine.start(cx, table)?;
    let serving = engine.serving()?.context("the router ended as soon as it had started")?;
    cx.reporter
        .answer(command, &Started { change, listeners: serving.listeners, absent: table.without_backend() })
}

/// Shows what `start` would do.
pub fn show(cx: &Context, engine: &Embedded, table: &RoutingTable) -> anyhow::Result<()> {
    cx.reporter.would(&format!("listen on {}", engine.describe_wanted(cx)?))?;
    for route in table.routes() {
        let backend =
            route.backend.map_or("nowhere: its backend is not known".to_owned(), |it| it.to_string());
        cx.reporter.would(&format!("send route `{}` to {backend}", route.name))?;
    }
    Ok(())
}

/// Refuses a backend that is the router itself, before anything is started.
pub fn refuse_loops(
    cx: &Context,
    engine: &Embedded,
    running: Option<&Serving>,
    table: &RoutingTable,
) -> anyhow::Result<()> {
    let listeners: Vec<SocketAddr> = match running {
        Some(serving) => serving.listeners.values().copied().collect(),
        None => engine.wanted_listeners(cx)?.iter().map(ListenerConfig::likely).collect(),
    };
    discovery::refuse_loops(table, &listeners)
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
        if !self.absent.is_empty() {
            page.styled(Style::Warn, format!("without a backend, so closed: {}", self.absent.join(", ")));
        }
    }
}
