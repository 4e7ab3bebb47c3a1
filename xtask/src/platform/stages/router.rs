//! The stage of a router that takes its table from the cluster.

use std::time::Duration;

use anyhow::Context as _;

use super::{ROUTER, told};
use crate::context::Context;
use crate::discovery::{self, Discovered};
use crate::doctor::Verb;
use crate::engine::{self, Change, Serving};
use crate::entrance;
use crate::launch::{self, Launch};
use crate::stage::{Progress, Stage, State};
use crate::watch;

/// How long open connections may take when the router goes down.
const DRAIN: Duration = Duration::from_secs(5);

/// The router, as `router start` launches it; one that runs goes on as it was launched.
pub struct RouterStage {
    /// The stages before it.
    pub needs: Vec<&'static str>,
}

/// What the cluster tells now, for a router that serves so.
fn discovered(cx: &Context, backends: &[String], serving: Option<&Serving>) -> anyhow::Result<Discovered> {
    let engine = engine::of(cx)?;
    let discovered = discovery::discover_beside(cx, backends, serving.map(|it| &it.table))?;
    let listeners = entrance::own_listeners(cx, engine.as_ref(), serving.cloned())?;
    discovered.without_loops(cx, &listeners, backends)
}

fn describe(serving: &Serving) -> String {
    let absent = serving.table.without_backend();
    if absent.is_empty() {
        return serving.describe();
    }
    format!("{}; absent, so closed: {}", serving.describe(), absent.join(", "))
}

impl Stage for RouterStage {
    fn name(&self) -> &str {
        ROUTER
    }

    fn needs(&self) -> Vec<&str> {
        self.needs.clone()
    }

    fn machine(&self) -> Option<Verb> {
        Some(Verb::Router)
    }

    fn check(&self, cx: &Context) -> anyhow::Result<State> {
        let last = Launch::last(cx)?;
        let cx = &launch::resume(cx)?;
        let serving = engine::of(cx)?.serving(cx)?;
        let (Some(last), Some(serving)) = (last, serving) else {
            return Ok(State::Down("starting the router".to_owned()));
        };
        engine::check_listeners(cx, &serving.listeners)?;
        if serving.table != discovered(cx, &last.backends, Some(&serving))?.table {
            return Ok(State::Down("its table is out of date".to_owned()));
        }
        if watch::has_cause(cx)? && !watch::is_well(cx)? {
            return Ok(State::Down("changes in the cluster are not followed".to_owned()));
        }
        Ok(State::Up(describe(&serving)))
    }

    fn plan(&self, cx: &Context) -> anyhow::Result<Vec<String>> {
        let engine = cx.profile()?.router()?.engine.name();
        Ok(vec![format!("start the router with {engine} on {}", engine::describe_wanted(cx)?)])
    }

    fn make(&self, cx: &Context, _: &Progress<'_>) -> anyhow::Result<String> {
        let backends = Launch::last(cx)?.unwrap_or_default().backends;
        let cx = &launch::resume(cx)?;
        let engine = engine::of(cx)?;
        engine.preflight(cx)?;
        let before = engine.serving(cx).ok().flatten();
        let Discovered { table, warnings, .. } = discovered(cx, &backends, before.as_ref())?;
        cx.reporter.warn_all(&warnings);
        let launch = entrance::launch_of(cx, &backends);
        let change = entrance::start(cx, engine.as_ref(), &launch, &table, true)?;
        watch::start(cx, &launch)?;
        let serving = engine.serving(cx)?.context("the router ended as soon as it had started")?;
        Ok(match change {
            Change::Reloaded => format!("{}; reloaded", describe(&serving)),
            Change::Started | Change::Already => describe(&serving),
        })
    }

    fn undo(&self, cx: &Context, _: &Progress<'_>) -> anyhow::Result<Option<String>> {
        Ok(told(entrance::stop(cx, DRAIN)?))
    }
}
