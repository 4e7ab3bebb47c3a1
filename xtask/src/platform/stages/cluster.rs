//! The stage that makes the cluster.

use super::KIND;
use crate::context::Context;
use crate::doctor::Verb;
use crate::kind::{Folder, Kind, Options, Status, describe};
use crate::stage::{Progress, Stage, State};

/// kind's cluster.
pub struct ClusterStage;

impl Stage for ClusterStage {
    fn name(&self) -> &str {
        KIND
    }

    fn needs(&self) -> Vec<&str> {
        Vec::new()
    }

    /// All others come after it: what they lack shall not be found out when it
    /// has been made.
    fn machine(&self) -> Option<Verb> {
        Some(Verb::Up)
    }

    fn check(&self, cx: &Context) -> anyhow::Result<State> {
        let state = state(&Kind::of(cx)?.status(cx)?);
        let outdated = match state {
            State::Up(_) => Folder::of(cx).outdated(cx, cx.profile()?.kind()?)?,
            State::Down(_) => Vec::new(),
        };
        Ok(match outdated.as_slice() {
            [] => state,
            outdated => State::Down(format!("bringing up to date: {}", outdated.join(", "))),
        })
    }

    fn plan(&self, cx: &Context) -> anyhow::Result<Vec<String>> {
        Kind::of(cx)?.plan(cx, Options::default())
    }

    fn make(&self, cx: &Context, progress: &Progress<'_>) -> anyhow::Result<String> {
        Ok(Kind::of(cx)?.up(cx, Options::default(), &|said| progress.say(said))?.summary())
    }

    fn undo(&self, cx: &Context, progress: &Progress<'_>) -> anyhow::Result<Option<String>> {
        Kind::of(cx)?.down(cx, &|said| progress.say(said))
    }
}

/// Whether the cluster is ready, and as the profile wants it.
fn state(status: &Status) -> State {
    let drift = status.drift.as_deref().unwrap_or_default();
    if status.is_absent() {
        return State::Down(format!("making the cluster `{}`", status.cluster));
    }
    if !drift.is_empty() {
        return State::Down(format!("it was made with other settings: {}", drift.join("; ")));
    }
    if status.is_ready() {
        return State::Up(describe(&status.cluster, status.nodes.len(), status.api));
    }
    State::Down(format!("the cluster is {}", status.state))
}
