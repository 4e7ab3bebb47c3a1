//! `down`: takes away what `up` made, and nothing else.

use std::time::Duration;

use serde::Serialize;

use crate::context::{Context, ProfileChoice};
use crate::daemon::{self, Daemon, Stopped};
use crate::platform;
use crate::report::{Answer, Page, Style};
use crate::stage::{Run, Stage, StageRun};
use crate::state::StateDir;

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
    /// Undoes every stage, also after a crash.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let (graph, _) = platform::graph(cx)?;
        let state = StateDir::of(cx);
        if cx.dry_run {
            for name in daemon::running(cx)? {
                cx.reporter.would(&format!("stop `{name}`"))?;
            }
            if state.path().exists() {
                cx.reporter.would(&format!("remove `{}`", cx.shown(state.path())))?;
            }
            return Ok(());
        }
        platform::take_turn(cx)?;
        stop_strays(cx, &graph.stages().map(Stage::name).collect::<Vec<_>>())?;
        let Run { stages, seconds, error } = graph.down(cx);
        cx.reporter.answer("down", &Down { profile: cx.choice.clone(), stages, seconds })?;
        if cx.interrupt.requested() {
            return Err(platform::interrupted(cx));
        }
        error.map_or(Ok(()), Err)
    }
}

/// Stops daemons of this profile that no stage knows any more, because the
/// profile was changed since they were started.
fn stop_strays(cx: &Context, stages: &[&str]) -> anyhow::Result<()> {
    for name in daemon::running(cx)?.iter().filter(|name| !stages.contains(&name.as_str())) {
        if Daemon::new(cx, name).stop(Duration::ZERO)? != Stopped::Already {
            cx.reporter.note(&format!("stopped `{name}`, which the profile no longer names"));
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
