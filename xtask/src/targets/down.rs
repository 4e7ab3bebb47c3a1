//! `down`: takes away what `up` made, and nothing else.

use std::time::Duration;

use serde::Serialize;

use crate::context::{Context, ProfileChoice};
use crate::daemon::{self, Daemon, Stopped};
use crate::entrance;
use crate::failure::Failure;
use crate::kind::{Folder, Kind};
use crate::kubeconfig;
use crate::launch::Launch;
use crate::platform;
use crate::report::{Answer, Page, Style};
use crate::stage::{Run, Stage, StageRun};
use crate::state::StateDir;

/// How long open connections may take when the router goes down.
const DRAIN: Duration = Duration::from_secs(5);

/// Take the platform down
#[derive(clap::Args, Debug)]
pub struct Args {}

#[derive(Serialize)]
struct Down {
    profile: ProfileChoice,
    stages: Vec<StageRun>,
    seconds: f64,
}

impl Args {
    /// Undoes every stage, also after a crash, and also when the profile cannot
    /// be read any more.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let state = StateDir::of(cx);
        let graph = match platform::whole(cx) {
            Err(error) if !state.path().exists() => return Err(error),
            graph => graph,
        };
        if cx.dry_run {
            return plan(cx, &state);
        }
        platform::take_turn(cx)?;
        let Run { stages, seconds, error } = match &graph {
            Ok(graph) => {
                stop_others(cx, &graph.stages().map(Stage::name).collect::<Vec<_>>())?;
                graph.down(cx)
            }
            Err(error) => {
                cx.reporter.warn(&format!("{error}; ending all that runs"));
                stop_router(cx)?;
                stop_others(cx, &[])?;
                Run::default()
            }
        };
        if error.is_none() && !cx.interrupt.requested() {
            refuse_leftovers(cx)?;
            if state.remove()? {
                cx.reporter.note(&format!("removed `{}`", cx.shown(state.path())));
            }
        }
        cx.reporter.answer("down", &Down { profile: cx.choice.clone(), stages, seconds })?;
        if cx.interrupt.requested() {
            return Err(platform::interrupted(cx));
        }
        error.map_or(Ok(()), Err)
    }
}

/// Shows what would be stopped and removed.
fn plan(cx: &Context, state: &StateDir) -> anyhow::Result<()> {
    for name in daemon::running(cx)? {
        cx.reporter.would(&format!("stop `{name}`"))?;
    }
    // One that is no daemon.
    if Launch::last(cx)?.is_some_and(|last| last.docker.is_some()) {
        cx.reporter.would("stop the router")?;
    }
    if let Ok(kind) = Kind::of(cx) {
        kind.plan_down(cx)?.iter().try_for_each(|step| cx.reporter.would(step))?;
    }
    if state.path().exists() {
        cx.reporter.would(&format!("remove `{}`", cx.shown(state.path())))?;
    }
    Ok(())
}

/// Fails when there is, in Docker, what a profile has made that is not this one
/// any more. The state directory tells of it, and so has to stay.
fn refuse_leftovers(cx: &Context) -> anyhow::Result<()> {
    let cluster = kubeconfig::path(cx).exists() || Folder::of(cx).path().exists();
    let router = Launch::last(cx).is_ok_and(|last| last.is_some_and(|last| last.docker.is_some()));
    let left = match (cluster, router) {
        (false, false) => return Ok(()),
        (true, false) => "its cluster",
        (false, true) => "its router",
        (true, true) => "its cluster and its router",
    };
    let name = &cx.choice.name;
    let message = format!("profile `{name}` is not wholly down: {left} may be left in Docker");
    Err(Failure::failed(message)
        .help("make the profile what it was at `up`, then run `cargo xtask down` again")
        .into())
}

/// Stops the router, which may be more than a daemon, where the profile can
/// still be read.
fn stop_router(cx: &Context) -> anyhow::Result<()> {
    if cx.profile().is_ok_and(|profile| profile.router.is_some())
        && entrance::stop(cx, DRAIN)? != Stopped::Already
    {
        cx.reporter.note("stopped the router");
    }
    Ok(())
}

/// Stops the daemons of this profile that are none of `stages`: the profile was
/// changed since they were started.
fn stop_others(cx: &Context, stages: &[&str]) -> anyhow::Result<()> {
    for name in daemon::running(cx)?.iter().filter(|name| !stages.contains(&name.as_str())) {
        if Daemon::new(cx, name).stop(Duration::ZERO)? != Stopped::Already {
            cx.reporter.note(&format!("stopped `{name}`"));
        }
    }
    Ok(())
}

impl Answer for Down {
    fn write(&self, page: &mut Page) {
        let name = &self.profile.name;
        if self.stages.iter().all(|stage| stage.outcome.is_well()) {
            page.styled(Style::Good, format!("profile `{name}` is down: nothing is left"));
        } else {
            page.styled(Style::Bad, format!("profile `{name}` is not wholly down"));
        }
    }
}
