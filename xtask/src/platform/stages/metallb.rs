//! The stage that gives load balancers their addresses.

use std::path::PathBuf;

use super::{KIND, METALLB};
use crate::context::Context;
use crate::doctor::Verb;
use crate::metallb;
use crate::stage::{Progress, Stage, State};

/// MetalLB with its pools. It goes with the cluster.
pub struct MetallbStage {
    /// Its chart, if not the profile's.
    pub chart: Option<PathBuf>,
}

impl Stage for MetallbStage {
    fn name(&self) -> &str {
        METALLB
    }

    fn needs(&self) -> Vec<&str> {
        vec![KIND]
    }

    fn machine(&self) -> Option<Verb> {
        Some(Verb::Metallb)
    }

    fn check(&self, cx: &Context) -> anyhow::Result<State> {
        metallb::check(cx, self.chart.as_deref())
    }

    fn plan(&self, cx: &Context) -> anyhow::Result<Vec<String>> {
        if cx.own_kubeconfig().exists() {
            return metallb::plan(cx, self.chart.as_deref());
        }
        let what = match &self.chart {
            Some(chart) => format!("from `{}`", chart.display()),
            None => cx.profile()?.metallb()?.version.to_string(),
        };
        Ok(vec![format!("install MetalLB {what} and apply its pools")])
    }

    fn make(&self, cx: &Context, progress: &Progress<'_>) -> anyhow::Result<String> {
        Ok(metallb::apply(cx, self.chart.as_deref(), &|said| progress.say(said))?.summary())
    }

    fn undo(&self, _: &Context, _: &Progress<'_>) -> anyhow::Result<Option<String>> {
        Ok(None)
    }
}
