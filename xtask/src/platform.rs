//! The stages of the chosen profile, and who may change them.

mod local;
mod stages;

use std::time::Duration;

use anyhow::Context as _;

use crate::context::Context;
use crate::daemon;
use crate::engine;
use crate::failure::Failure;
use crate::launch;
use crate::lock::Lock;
use crate::profile::Kubernetes;
use crate::stage::Graph;

pub use stages::routes::LastCheck;

/// How long another call on the same platform is waited for.
const TURN: Duration = Duration::from_mins(1);

/// The stages of the chosen profile.
pub fn graph(cx: &Context) -> anyhow::Result<(Graph, LastCheck)> {
    let profile = cx.profile()?;
    match profile.kubernetes {
        Kubernetes::None => local::graph(cx),
        Kubernetes::Kind | Kubernetes::Rke2 | Kubernetes::Eks => {
            let name = &profile.name;
            Err(Failure::failed(format!("this version cannot bring profile `{name}` up or down"))
                .help("choose the profile `local`: `--profile local`, or `cargo xtask profile use local`")
                .into())
        }
    }
}

/// Waits until no other call changes this profile's platform, and keeps others
/// from it to the end of this one. Taken once in a call.
pub fn take_turn(cx: &Context) -> anyhow::Result<()> {
    if cx.dry_run || cx.turn.get().is_some() {
        return Ok(());
    }
    let root = cx.state_root();
    std::fs::create_dir_all(&root).with_context(|| {
        Failure::missing(format!("cannot create the state directory `{}`", root.display()))
            .help("make the workspace writable and see that its disk is not full")
    })?;
    let deadline = cx.deadline.or(TURN);
    let path = root.join(format!("{}.lock", cx.choice.name));
    let turn = Lock::acquire(&path, deadline, &cx.interrupt, |holder| {
        cx.reporter.note(&format!("waiting for process {holder}, which works on this platform too"));
    })?;
    // Where the disk is full we can still clean up, if namelessly.
    let _ = turn.sign();
    cx.turn.get_or_init(|| turn);
    Ok(())
}

/// The end of a call that the user interrupted; names what goes on running.
pub fn interrupted(cx: &Context) -> anyhow::Error {
    let mut running = daemon::running(cx).unwrap_or_default();
    // As it was launched, which may be with another engine.
    running.extend(launch::resume_to_stop(cx).ok().and_then(|cx| engine::left_running(&cx)));
    let failure = if running.is_empty() {
        Failure::interrupted("interrupted; nothing is left running")
    } else {
        let wholly = cx.profile().is_ok_and(|profile| profile.kubernetes == Kubernetes::None);
        // As it was launched, which only a restart knows.
        let (on, end) = if wholly { ("up", "down") } else { ("router restart", "router stop") };
        Failure::interrupted(format!("interrupted; still running: {}", running.join(", ")))
            .help(format!("run `cargo xtask {on}` to go on, or `cargo xtask {end}` to end them"))
    };
    failure.into()
}
