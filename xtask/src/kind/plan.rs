//! What `up` would do.

use super::{Config, Drift, Found, Kind, Options};
use crate::context::Context;

impl Kind {
    /// The steps of [`Kind::up`] with no options. Fails as that would.
    pub fn plan(&self, cx: &Context) -> anyhow::Result<Vec<String>> {
        self.plan_with(cx, &Options::default())
    }

    /// The steps of [`Kind::up`]. Fails as that would.
    pub fn plan_with(&self, cx: &Context, options: &Options) -> anyhow::Result<Vec<String>> {
        let cluster = &self.cluster;
        let config = Config::of(cx)?;
        let found = self.look(cx)?;
        let remove = format!("remove the cluster `{cluster}`, which is {}", found.word());
        let make = format!("make the cluster `{cluster}` with `kind create cluster`");
        let mut steps = match &found {
            Found::Absent => vec![make],
            Found::HalfMade(_) => vec![remove, make],
            _ if options.recreate => vec![remove, make],
            Found::Paused(made) => return Err(self.paused(made).into()),
            Found::Stopped(made) | Found::Running(made) => {
                if let Some(drift) = Drift::of(&made.record, &config)? {
                    return Err(drift.refused(cluster));
                }
                self.refuse_missing(made)?;
                let stopped = made.nodes.iter().filter(|node| !node.is_running());
                let start = stopped.map(|node| format!("start node `{}`", node.name));
                let repair = "bring the files that its nodes see, and its kubeconfig, up to date".to_owned();
                start.chain([repair]).collect()
            }
        };
        steps.push("wait until its API, its nodes and its system pods are ready".to_owned());
        if options.merge {
            steps.push(format!("add the context `{}` to the user's kubeconfig", self.context()));
        }
        Ok(steps)
    }
}
