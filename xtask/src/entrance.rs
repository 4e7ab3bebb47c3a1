//! The router as it is launched: what was said is kept, the cluster followed,
//! and all of it ended together.

use std::time::Duration;

use routing::{Listeners, RoutingTable};

use crate::context::Context;
use crate::daemon::Stopped;
use crate::engine::{self, Change, RouterEngine, Serving};
use crate::failure::Failure;
use crate::launch::{self, Launch};
use crate::watch;

/// What this call says of the router.
pub fn launch_of(cx: &Context, backends: &[String]) -> Launch {
    Launch {
        overrides: cx.overrides().to_vec(),
        backends: backends.to_vec(),
        access: cx.access().clone(),
        names_cluster: cx.names_cluster(),
        sandbox: cx.sandbox().cloned(),
        docker: engine::traefik::docker(cx),
    }
}

/// Gives the router its table, and keeps how it was launched. With `follow`
/// one that follows the cluster for this launch goes on to do so; any other is
/// ended. On failure everything is as it was before.
pub fn start(
    cx: &Context,
    engine: &dyn RouterEngine,
    launch: &Launch,
    table: &RoutingTable,
    follow: bool,
) -> anyhow::Result<Change> {
    let before = Launch::last(cx)?;
    // One with another launch would undo what we do.
    let ended = watch::stop_unless(cx, Some(launch).filter(|_| follow))?;
    launch.remember(cx)?;
    engine::exclusively(cx, || engine.start(cx, table)).inspect_err(|_| {
        Launch::put_back(cx, before.as_ref());
        let Some(before) = before.filter(|_| ended) else { return };
        if let Err(error) = watch::start(&cx.relaunching(&before), &before) {
            cx.reporter.warn(&format!("changes in the cluster are not followed any more: {error:#}"));
        }
    })
}

/// Ends the router as it was launched, and whoever follows the cluster for it.
pub fn stop(cx: &Context, drain: Duration) -> anyhow::Result<Stopped> {
    let cx = &launch::resume_to_stop(cx)?;
    // One that cannot be stopped is still followed.
    let stopped = engine::of(cx)?.stop(cx, drain)?;
    watch::stop(cx)?;
    // Whoever gives it a table at this time has found none to give it to.
    engine::exclusively(cx, || Launch::forget(cx))?;
    Ok(stopped)
}

/// Two engines cannot have the same ports; which shall go is the user's word.
pub fn refuse_other_engine(cx: &Context) -> anyhow::Result<()> {
    let Some(last) = Launch::last(cx)? else { return Ok(()) };
    let before = cx.relaunching(&last);
    let (ours, theirs) = (&cx.profile()?.router()?.engine, &before.profile()?.router()?.engine);
    // One that does not run may come back, and has what is to be removed.
    if ours.name() == theirs.name() || engine::of(&before)?.status(&before)?.is_none() {
        return Ok(());
    }
    let (ours, theirs) = (ours.name(), theirs.name());
    Err(Failure::failed(format!(
        "the router was started with the engine `{theirs}`, and `{ours}` is asked for"
    ))
    .help(format!("run `cargo xtask router restart --engine {ours}`; open connections will be drained"))
    .into())
}

/// Where the router listens by what it serves, or else is going to.
pub fn own_listeners(
    cx: &Context,
    engine: &dyn RouterEngine,
    serving: Option<Serving>,
) -> anyhow::Result<Listeners> {
    serving.map_or_else(|| engine.likely_listeners(cx), |serving| Ok(serving.listeners))
}
