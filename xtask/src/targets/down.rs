//! `down`: takes away what `up` made, and nothing else.

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use crate::context::{Context, ProfileChoice};
use crate::daemon::{self, Daemon, Stopped};
use crate::engine::{self, traefik};
use crate::entrance;
use crate::failure::{Exit, Failure, exit_of};
use crate::forge::{Foreign, foreign};
use crate::kind::{Folder, Kind};
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
    /// Where tarballs stay that were fetched for any profile.
    kept: Option<PathBuf>,
}

impl Args {
    /// Undoes every stage, also after a crash, and also when the profile cannot
    /// be read any more.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let done = self.take_down(cx);
        if cx.interrupt.requested() { Err(platform::interrupted_down(cx)) } else { done }
    }

    fn take_down(self, cx: &Context) -> anyhow::Result<()> {
        let state = StateDir::of(cx);
        let graph = match platform::whole(cx) {
            Err(error) if !state.path().exists() => return Err(error),
            graph => graph,
        };
        if cx.dry_run {
            return plan(cx, &state);
        }
        platform::take_turn(cx)?;
        ask_for_commits(cx)?;
        let Run { stages, seconds, error } = match &graph {
            Ok(graph) => {
                if has_cluster(cx) {
                    // What it would refuse in the end is left as it is from the beginning.
                    Kind::by_name(cx).look(cx)?;
                }
                stop_others(cx, &graph.stages().map(Stage::name).collect::<Vec<_>>())?;
                let run = graph.down(cx);
                if run.error.is_none() && !cx.interrupt.requested() && state.remove()? {
                    cx.reporter.note(&format!("removed `{}`", cx.shown(state.path())));
                }
                run
            }
            Err(error) => {
                cx.reporter.warn(&format!("{error}; ending all that runs"));
                stop_router(cx)?;
                stop_others(cx, &[])?;
                remove_cluster(cx)?;
                state.remove()?;
                Run::default()
            }
        };
        let (profile, kept) = (cx.choice.clone(), kept(cx));
        cx.reporter.answer("down", &Down { profile, stages, seconds, kept })?;
        error.map_or(Ok(()), Err)
    }
}

/// Asks before commits go that somebody made: releases can be seeded again.
fn ask_for_commits(cx: &Context) -> anyhow::Result<()> {
    for foreign in foreign(cx) {
        let (repository, what) = (cx.shown(&foreign.repository), describe(&foreign));
        cx.confirm(&format!("remove `{repository}`? it has {what}")).map_err(|error| {
            if exit_of(&error) != Exit::Usage {
                return error;
            }
            let refused = Failure::refused(format!("`{repository}` has {what}, and there is nobody to ask"));
            refused.help("give `--yes` to remove it all the same").into()
        })?;
    }
    Ok(())
}

fn describe(foreign: &Foreign) -> String {
    match &foreign.commits {
        Ok(1) => "a commit that is no release".to_owned(),
        Ok(count) => format!("{count} commits that are no releases"),
        Err(error) => format!("commits that cannot be counted ({error:#})"),
    }
}

/// The folder of fetched tarballs, if there are any: all profiles share them.
fn kept(cx: &Context) -> Option<PathBuf> {
    let folder = cx.state_root().join("tarballs");
    folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()).then_some(folder)
}

/// Shows what would be stopped and removed.
fn plan(cx: &Context, state: &StateDir) -> anyhow::Result<()> {
    for foreign in foreign(cx).iter().filter(|_| !cx.yes) {
        let (repository, what) = (cx.shown(&foreign.repository), describe(foreign));
        cx.reporter.would(&format!("ask whether to remove `{repository}`, which has {what}"))?;
    }
    for name in daemon::running(cx)? {
        cx.reporter.would(&format!("stop `{name}`"))?;
    }
    if let Some(router) = engine::left_running(cx) {
        cx.reporter.would(&format!("stop the router: {router}"))?;
    }
    if has_cluster(cx) {
        Kind::by_name(cx).plan_down(cx)?.iter().try_for_each(|step| cx.reporter.would(step))?;
    }
    if state.path().exists() {
        cx.reporter.would(&format!("remove `{}`", cx.shown(state.path())))?;
    }
    Ok(())
}

/// Whether there can be a cluster of ours, whatever the profile says now.
fn has_cluster(cx: &Context) -> bool {
    let made = cx.own_kubeconfig().exists() || Folder::of(cx).path().exists();
    made || cx.profile().is_ok_and(|profile| profile.kind.is_some())
}

/// Removes the cluster where the profile does not tell of it any more.
fn remove_cluster(cx: &Context) -> anyhow::Result<()> {
    if has_cluster(cx)
        && let Some(gone) = Kind::by_name(cx).down(cx, &|step| cx.reporter.note(step))?
    {
        cx.reporter.note(&format!("removed {gone}"));
    }
    Ok(())
}

/// Stops the router, which may be more than a daemon.
fn stop_router(cx: &Context) -> anyhow::Result<()> {
    let stopped = match cx.profile() {
        Ok(profile) if profile.router.is_some() => entrance::stop(cx, DRAIN)? != Stopped::Already,
        Ok(_) => false,
        Err(_) => traefik::end_by_name(cx, DRAIN)?,
    };
    if stopped {
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
            if let Some(kept) = &self.kept {
                let kept = kept.display();
                page.styled(Style::Dim, format!("fetched tarballs stay for all profiles: {kept}"));
            }
        } else {
            page.styled(Style::Bad, format!("profile `{name}` is not wholly down"));
        }
    }
}
