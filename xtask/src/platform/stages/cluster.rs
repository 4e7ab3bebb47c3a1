//! The stage that makes the cluster.

use super::KIND;
use crate::context::Context;
use crate::kind::{Kind, Options};
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

    fn check(&self, cx: &Context) -> anyhow::Result<State> {
        Ok(Kind::of(cx)?.status(cx)?.as_stage())
    }

    fn plan(&self, cx: &Context) -> anyhow::Result<Vec<String>> {
        Kind::of(cx)?.plan(cx)
    }

    fn make(&self, cx: &Context, progress: &Progress<'_>) -> anyhow::Result<String> {
        Ok(Kind::of(cx)?.up(cx, &Options::default(), &|said| progress.say(said))?.summary())
    }

    fn undo(&self, cx: &Context, progress: &Progress<'_>) -> anyhow::Result<Option<String>> {
        Kind::of(cx)?.down(cx, &|said| progress.say(said))
    }
}
