//! How the router was started, kept for the calls after that: what was said
//! to `router start` need not be said to `sync`, `status` or `stop` again.

use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::Context as _;

use crate::context::Context;
use crate::failure::Failure;
use crate::not_found::is_not_found;
use crate::replace::replace_private;
use crate::state::StateDir;

// A call takes up what was said before, so the context knows it, but not where it is kept.
pub use crate::context::Launch;

const FILE: &str = "router.json";

impl Launch {
    /// What was said at the last start; `None` after a stop.
    pub fn last(cx: &Context) -> anyhow::Result<Option<Self>> {
        let path = Self::path(cx);
        let unreadable = || {
            Failure::failed(format!("cannot read how the router was started: `{}`", path.display()))
                .help("remove the file, then run `cargo xtask router restart`")
        };
        match std::fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map(Some).with_context(unreadable),
            Err(error) if is_not_found(&error) => Ok(None),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Err(error).with_context(|| {
                Failure::refused(format!("cannot read how the router was started: `{}`", path.display()))
                    .help("run as the user who started it")
            }),
            Err(error) => Err(error).with_context(unreadable),
        }
    }

    /// Where it is kept.
    pub fn path(cx: &Context) -> PathBuf {
        StateDir::of(cx).file(FILE)
    }

    /// Keeps it for the calls after this one.
    pub fn remember(&self, cx: &Context) -> anyhow::Result<()> {
        let state = StateDir::of(cx);
        state.create()?;
        let text = serde_json::to_vec_pretty(self).context("cannot write how the router was started")?;
        replace_private(&Self::path(cx), &text)
    }

    /// Undoes [`Launch::remember`], where the start then failed.
    pub fn put_back(cx: &Context, before: Option<&Self>) {
        let done = before.map_or_else(|| Self::forget(cx), |before| before.remember(cx));
        if let Err(error) = done {
            // The start's own failure is what stops us.
            cx.reporter.warn(&format!("{error:#}"));
        }
    }

    /// Forgets it: the router was stopped.
    pub fn forget(cx: &Context) -> anyhow::Result<()> {
        let path = Self::path(cx);
        match std::fs::remove_file(&path) {
            Err(error) if !is_not_found(&error) => Err(error).with_context(|| {
                Failure::failed(format!("cannot remove `{}`", path.display()))
                    .help("remove it by hand: later calls would take the router for running")
            }),
            _ => Ok(()),
        }
    }
}

/// The call as it goes on from the last start, as far as it ends the router.
/// Whatever engine is asked for now, it is the one of then.
pub fn resume_to_stop(cx: &Context) -> anyhow::Result<Context> {
    let Some(last) = Launch::last(cx)?.map(Launch::engine_alone) else { return Ok(cx.overriding([])) };
    Ok(cx.resuming(&last).overriding(last.overrides))
}

/// The call as it goes on from the last start, if there was one.
pub fn resume(cx: &Context) -> anyhow::Result<Context> {
    let Some(last) = Launch::last(cx)? else { return Ok(cx.overriding([])) };
    let resumed = cx.resuming(&last);
    resumed.profile().with_context(|| {
        Failure::usage("the profile does not take what the router was started with any more")
            .help("run `cargo xtask router stop`, then start it as the profile is now")
    })?;
    Ok(resumed)
}

/// The router does not run: how it comes to run as it was launched.
pub fn not_running(cx: &Context) -> Failure {
    let verb = if Launch::last(cx).is_ok_and(|last| last.is_some()) { "restart" } else { "start" };
    Failure::missing("the router is not running").help(format!("run `cargo xtask router {verb}`"))
}
