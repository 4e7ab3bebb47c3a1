//! What `up` and `down` would do.

use bollard::Docker as Client;

use super::network::NETWORK;
use super::{Config, Drift, Folder, Found, Kind, Options};
use crate::context::Context;
use crate::docker::{Docker, PATIENCE};

impl Kind {
    /// The steps of [`Kind::up`]. Fails as that would.
    pub fn plan(&self, cx: &Context, options: Options) -> anyhow::Result<Vec<String>> {
        let cluster = &self.cluster;
        let config = Config::of(cx)?;
        let found = self.look(cx)?;
        let remove = format!("remove the cluster `{cluster}`, which is {}", found.word());
        let create = format!("make the cluster `{cluster}` with `kind create cluster`");
        let mut steps = match &found {
            Found::Absent => vec![create],
            Found::HalfMade(_) => vec![remove, create],
            _ if options.recreate => vec![remove, create],
            Found::Paused(made) => return Err(self.paused(made).into()),
            Found::Stopped(made) | Found::Running(made) => {
                if let Some(drift) = Drift::of(&made.record, &config)? {
                    return Err(drift.refused(cluster));
                }
                self.refuse_missing(made)?;
                let is_blind = !Folder::of(cx).is_there();
                let start = made.nodes.iter().filter_map(|node| match (node.is_running(), is_blind) {
                    (true, true) => {
                        Some(format!("restart node `{}`, which sees a folder that is gone", node.name))
                    }
                    (true, false) => None,
                    (false, _) => Some(format!("start node `{}`", node.name)),
                });
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

    /// The steps of [`Kind::down`]. Fails as that would.
    pub fn plan_down(&self, cx: &Context) -> anyhow::Result<Vec<String>> {
        let docker = Docker::find(cx)?;
        let nodes = docker
            .ask(cx, cx.deadline.or(PATIENCE), "Docker", async |client: Client| self.nodes(&client).await)?;
        let nodes = nodes.iter().map(|node| format!("remove node `{}` with its volumes", node.name));
        let files =
            [cx.own_kubeconfig().as_path(), self.work_folder()].map(|path| (path.exists(), cx.shown(path)));
        let files =
            files.into_iter().filter(|(exists, _)| *exists).map(|(_, path)| format!("remove `{path}`"));
        let context =
            format!("take the context `{}` out of the user's kubeconfig, if it is there", self.context());
        let network = format!("remove the network `{NETWORK}`, if this program made it and nobody is in it");
        Ok(nodes.chain(files).chain([context, network]).collect())
    }
}
