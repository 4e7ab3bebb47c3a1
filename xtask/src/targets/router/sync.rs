//! `router sync`.

use anyhow::Context as _;
use serde::Serialize;

use super::{skip, start};
use crate::context::Context;
use crate::discovery::{self, Discovered, Pending};
use crate::engine::{self, Change, EngineStatus};
use crate::entrance;
use crate::launch::{self, Launch};
use crate::platform;
use crate::report::{Answer, Page, Style};

/// Give the running router the addresses and hosts that the cluster has now
#[derive(clap::Args, Debug)]
pub struct Args {}

#[derive(Serialize)]
struct Synced {
    change: Change,
    absent: Vec<String>,
    pending: Vec<Pending>,
}

impl Args {
    /// Returns when the router serves what was found.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        if cx.environment.skip_router {
            return skip(cx, "router sync");
        }
        platform::take_turn(cx)?;
        let cx = &launch::resume(cx)?;
        let engine = engine::of(cx)?;
        let Some(status) = engine.status(cx)?.filter(EngineStatus::is_running) else {
            return Err(launch::not_running(cx).into());
        };
        let serving = status.serving();
        let table = serving.as_ref().map(|serving| serving.table.clone());
        let backends = Launch::last(cx)?.unwrap_or_default().backends;
        let discovered = discovery::discover_beside(cx, &backends, table.as_ref())?;
        let listeners = entrance::own_listeners(cx, engine.as_ref(), serving)?;
        let discovered = discovered.without_loops(cx, &listeners, &backends)?;
        if cx.dry_run {
            let changed = table.as_ref() != Some(&discovered.table);
            return if changed { start::show(cx, engine.as_ref(), &discovered) } else { Ok(()) };
        }
        let Discovered { table, pending, warnings } = discovered;
        cx.reporter.warn_all(&warnings);
        let change = engine::exclusively(cx, || engine.apply(cx, &table));
        let change = change.context("the router keeps its old table")?;
        cx.reporter.answer("router sync", &Synced { change, absent: table.without_backend(), pending })
    }
}

impl Answer for Synced {
    fn write(&self, page: &mut Page) {
        page.styled(
            Style::Good,
            match self.change {
                Change::Already => "the router serves so already",
                Change::Started | Change::Reloaded => "the router serves with its new table",
            },
        );
        for Pending { route, why } in &self.pending {
            page.folded(Style::Warn, 0, format!("route `{route}` is absent, so closed: {why}"));
        }
    }
}
