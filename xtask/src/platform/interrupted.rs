//! The end of a call that the user interrupted.

use crate::context::Context;
use crate::daemon;
use crate::engine;
use crate::failure::Failure;
use crate::kind::Kind;
use crate::launch;
use crate::profile::Kubernetes;

/// Of a call that brings something up, or works on what is; names what goes on running.
pub fn interrupted(cx: &Context) -> anyhow::Error {
    let (running, cluster) = left_running(cx);
    let failure = Failure::interrupted(describe(&running));
    if running.is_empty() {
        return failure.into();
    }
    let local = cx.profile().is_ok_and(|profile| profile.kubernetes == Kubernetes::None);
    // As it was launched, which only a restart knows.
    let (on, end) = if local || cluster { ("up", "down") } else { ("router restart", "router stop") };
    failure.help(format!("run `cargo xtask {on}` to go on, or `cargo xtask {end}` to end them")).into()
}

/// Of a call that takes the platform down; names what it has not ended.
pub fn interrupted_down(cx: &Context) -> anyhow::Error {
    Failure::interrupted(describe(&left_running(cx).0)).help("run `cargo xtask down` to go on").into()
}

/// What runs, and whether a cluster is among it.
fn left_running(cx: &Context) -> (Vec<String>, bool) {
    let mut running = daemon::running(cx).unwrap_or_default();
    // As it was launched, which may be with another engine.
    running.extend(launch::resume_to_stop(cx).ok().and_then(|cx| engine::left_running(&cx)));
    let cluster = Kind::of(cx).ok().and_then(|kind| kind.left_running(cx));
    let is_there = cluster.is_some();
    running.extend(cluster);
    (running, is_there)
}

fn describe(running: &[String]) -> String {
    if running.is_empty() {
        return "interrupted; nothing is left running".to_owned();
    }
    format!("interrupted; still running: {}", running.join(", "))
}
