//! Removes the cluster, and what else this program has made for it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use bollard::Docker as Client;
use bollard::query_parameters::RemoveContainerOptions;

use super::network::{self, NETWORK};
use super::{Kind, Node, with_causes};
use crate::context::Context;
use crate::docker::{Docker, LATE, is_absent};
use crate::failure::Failure;
use crate::kubeconfig;
use crate::not_found::is_not_found;
use crate::state::StateDir;

/// How long Docker may take to remove everything, when `--timeout` says nothing.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

impl Kind {
    /// Removes the cluster with its volumes, its kubeconfig, its context in the
    /// user's, and the network if nobody else needs it: what was removed, in
    /// words, if anything. Does not need kind. Names what cannot be removed.
    pub fn down(&self, cx: &Context, say: &dyn Fn(&str)) -> anyhow::Result<Option<String>> {
        let docker = Docker::find(cx)?;
        let (mut gone, mut failed) = (Vec::new(), Vec::new());
        let mut take = |what: String, removed: anyhow::Result<bool>| match removed {
            Ok(true) => gone.push(what),
            Ok(false) => {}
            Err(error) => failed.push(format!("{what}: {error:#}")),
        };
        let nodes = self.remove_nodes(cx, &docker, say)?;
        let what = if nodes == 1 { "1 node".to_owned() } else { format!("{nodes} nodes") };
        take(format!("cluster `{}` ({what})", self.cluster), Ok(nodes > 0));
        let context = self.context();
        take(format!("context `{context}`"), kubeconfig::take_out(cx, &context));
        let own = cx.own_kubeconfig();
        take(format!("`{}`", cx.shown(&own)), remove_file(&own));
        let network = docker.ask(cx, cx.deadline.or(PATIENCE), "Docker", async |client: Client| {
            network::remove_unused(&client).await
        });
        take(format!("network `{NETWORK}`"), network);
        // Last: it tells in which Docker all of this is.
        let folder = self.work_folder();
        take(format!("`{}`", cx.shown(folder)), remove_folder(folder));
        // The router, too, may have something there.
        let _ = fs::remove_dir(StateDir::of(cx).path());
        if failed.is_empty() {
            return Ok(Some(gone.join(", ")).filter(|gone| !gone.is_empty()));
        }
        let failure = Failure::failed(format!("not all of the cluster `{}` is removed", self.cluster))
            .help("mend what the causes name, then run `cargo xtask kind down` again");
        Err(with_causes(failure, failed))
    }

    /// Removes the nodes; how many there were. Fails unless all have gone.
    pub(super) fn remove_nodes(
        &self,
        cx: &Context,
        docker: &Docker,
        say: &dyn Fn(&str),
    ) -> anyhow::Result<usize> {
        docker.ask(cx, cx.deadline.or(PATIENCE), "the nodes to be removed", async |client: Client| {
            let nodes = self.nodes(&client).await?;
            if !nodes.is_empty() {
                say(&format!("removing the cluster `{}`", self.cluster));
            }
            remove(&client, &nodes).await?;
            Ok(nodes.len())
        })
    }

    /// Removes what kind has left, whatever the user or the time limit says.
    pub(super) fn clean_up(&self, docker: &Docker, with_network: bool) -> anyhow::Result<()> {
        docker.ask_at_last(PATIENCE, async |client: Client| {
            remove(&client, &self.nodes(&client).await?).await?;
            tokio::time::sleep(LATE).await;
            remove(&client, &self.nodes(&client).await?).await?;
            if with_network {
                network::remove_unused(&client).await?;
            }
            Ok(())
        })
    }

    /// Removes the files of a cluster that is gone: they may hold credentials,
    /// and its kubeconfig leads nowhere.
    pub(super) fn remove_files(&self, cx: &Context) -> anyhow::Result<()> {
        remove_file(&cx.own_kubeconfig())?;
        remove_folder(self.work_folder())?;
        // The router, too, may have something there.
        let _ = fs::remove_dir(StateDir::of(cx).path());
        Ok(())
    }

    /// Where all that is the cluster's is kept, its kubeconfig aside.
    pub(super) fn work_folder(&self) -> &Path {
        self.folder.parent().unwrap_or(&self.folder)
    }
}

/// Kills the containers and removes them with their volumes, side by side.
async fn remove(client: &Client, nodes: &[Node]) -> anyhow::Result<()> {
    let options = RemoveContainerOptions { force: true, v: true, ..Default::default() };
    let request = async |node: &Node| client.remove_container(&node.id, Some(options.clone())).await;
    let remove = async |node: &Node| {
        let mut removed = request(node).await;
        if removed.as_ref().is_err_and(|error| !is_absent(error)) {
            // Docker may find that what it had just killed still wrote files.
            tokio::time::sleep(LATE).await;
            removed = request(node).await;
        }
        match removed {
            Err(error) if !is_absent(&error) => Err(error).with_context(|| {
                let name = &node.name;
                Failure::failed(format!("Docker does not remove node `{name}`"))
                    .help(format!("see what `docker rm --force --volumes {name}` says"))
            }),
            _ => Ok(()),
        }
    };
    futures_util::future::try_join_all(nodes.iter().map(remove)).await.map(drop)
}

pub(super) fn remove_folder(path: &Path) -> anyhow::Result<bool> {
    was_there(fs::remove_dir_all(path))
}

fn remove_file(path: &Path) -> anyhow::Result<bool> {
    was_there(fs::remove_file(path))
}

fn was_there(removed: std::io::Result<()>) -> anyhow::Result<bool> {
    match removed {
        Ok(()) => Ok(true),
        Err(error) if is_not_found(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
