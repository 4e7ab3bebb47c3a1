//! Brings back a cluster that was stopped, and mends what has changed around it.

use bollard::Docker as Client;
use bollard::errors::Error;

use super::{Folder, Job, Kind, Made, Node};
use crate::failure::Failure;
use crate::kubeconfig;

impl Kind {
    /// Starts the nodes that do not run: the control plane first.
    pub(super) fn start(&self, job: &Job<'_>, made: &Made) -> anyhow::Result<()> {
        let Job { cx, docker, deadline, say, .. } = job;
        docker.ask(cx, *deadline, "the nodes to start", async |client: Client| {
            for node in made.nodes.iter().filter(|node| !node.is_running()) {
                say(&format!("starting node `{}`, which is in state `{}`", node.name, node.state));
                match client.start_container(&node.id, None).await {
                    Ok(()) => {}
                    Err(error) => return Err(cannot_start(error, node)),
                }
            }
            Ok(())
        })
    }

    /// Brings up to date what is outside the nodes: the files that they see, and
    /// the kubeconfig. Says what had to be.
    pub(super) fn repair(&self, job: &Job<'_>) -> anyhow::Result<Vec<String>> {
        let Job { cx, docker, deadline, .. } = job;
        let mut repaired = Folder::of(cx).write(cx, cx.profile()?.kind()?)?;
        docker.endpoint().keep(cx)?;
        let text = docker.ask(cx, *deadline, "Docker", async |client: Client| {
            // Anew: what Docker publishes is known once a node runs.
            self.kubeconfig(&client, &self.nodes(&client).await?).await
        })?;
        if kubeconfig::keep(cx, &text)? {
            repaired.push("the kubeconfig".to_owned());
        }
        Ok(repaired)
    }

    /// Fails when a node that was made is gone: what it held is lost, but the
    /// rest is not ours to throw away unasked.
    pub(super) fn refuse_missing(&self, made: &Made) -> anyhow::Result<()> {
        let is_there = |name: &&String| !made.nodes.iter().any(|node| &node.name == *name);
        let missing: Vec<String> =
            made.record.nodes.iter().filter(is_there).map(|name| format!("`{name}`")).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let message = format!("the cluster `{}` has lost {}", self.cluster, missing.join(", "));
        let help = "make it anew with `cargo xtask kind up --recreate`, which loses what is in it";
        Err(Failure::failed(message).help(help).into())
    }

    /// Somebody has paused it, and knows why.
    pub(super) fn paused(&self, made: &Made) -> Failure {
        let names = made.nodes.iter().filter(|node| node.state == "paused").map(|node| node.name.as_str());
        let names = names.collect::<Vec<_>>().join(" ");
        Failure::missing(format!("the cluster `{}` is paused", self.cluster))
            .help(format!("let it go on with `docker unpause {names}`"))
    }
}

fn cannot_start(error: Error, node: &Node) -> anyhow::Error {
    let name = &node.name;
    let taken = ["address already in use", "port is already allocated"];
    let is_taken = taken.iter().any(|word| error.to_string().contains(word));
    let failure = Failure::failed(format!("node `{name}` does not start"));
    anyhow::Error::new(error).context(failure.help(if is_taken {
        "somebody has taken its port meanwhile: see who with `ss -ltnp`, and end that".to_owned()
    } else {
        format!("see what `docker start {name}` says")
    }))
}
