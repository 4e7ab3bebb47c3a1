//! What there is of the cluster, as Docker tells.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use bollard::Docker as Client;
use bollard::models::{ContainerSummary, ContainerSummaryStateEnum as State};
use bollard::query_parameters::ListContainersOptions;
use serde::Serialize;

use super::record::Record;
use super::{Folder, Kind, MOUNT};
use crate::context::Context;
use crate::docker::{Docker, PATIENCE, filter};
use crate::failure::{Exit, Failure, exit_of};

/// How kind labels the nodes of a cluster.
const CLUSTER_LABEL: &str = "io.x-k8s.kind.cluster";
/// How kind labels what a node is.
const ROLE_LABEL: &str = "io.x-k8s.kind.role";
/// What the label says of the node with the API.
const CONTROL_PLANE: &str = "control-plane";
/// How long Docker may take to tell what is left.
const LAST: Duration = Duration::from_secs(10);
/// Where the API listens in the node.
const API_PORT: u16 = 6443;

/// What there is of the cluster.
#[derive(Clone, Debug)]
pub enum Found {
    /// Nothing.
    Absent,
    /// Nodes of a cluster that never was whole, or whose control plane is gone.
    HalfMade(Vec<Node>),
    /// A cluster with a node that does not run, as after a reboot.
    Stopped(Made),
    /// A cluster with a node that somebody has paused.
    Paused(Made),
    /// A cluster whose nodes run, which says nothing of how they are.
    Running(Made),
}

/// A cluster that was made to the end.
#[derive(Clone, Debug)]
pub struct Made {
    /// The control plane, then the workers by name.
    pub nodes: Vec<Node>,
    /// How it was made.
    pub record: Record,
}

/// A container that is a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Node {
    /// Its name, in Docker and in the cluster.
    pub name: String,
    /// `control-plane` or `worker`.
    pub role: String,
    /// `running`, `exited`, `paused` and so on: Docker's word.
    pub state: String,
    /// What it was made of.
    pub image: String,
    /// Where this machine reaches the API, if it does.
    #[serde(skip)]
    pub api: Option<SocketAddr>,
    #[serde(skip)]
    pub(super) id: String,
}

impl Kind {
    /// Asks Docker, and nobody else. Fails with exit status 5 when something of
    /// somebody else has the cluster's name.
    pub fn look(&self, cx: &Context) -> anyhow::Result<Found> {
        self.look_in(cx, &Docker::find(cx)?)
    }

    pub(super) fn look_in(&self, cx: &Context, docker: &Docker) -> anyhow::Result<Found> {
        docker.ask(cx, cx.deadline.or(PATIENCE), "Docker", async |client: Client| {
            let nodes = self.nodes(&client).await?;
            if !nodes.is_empty() {
                Folder::of(cx).make(cx)?;
            }
            let record = match control_plane(&nodes) {
                Some(node) => Record::read(&client, &node.id, &self.cluster).await?,
                None => None,
            };
            Ok(found(nodes, record))
        })
    }

    /// What there is of it, in words, whatever the user or the time limit says.
    pub fn left_running(&self, cx: &Context) -> Option<String> {
        let docker = Docker::find(cx).ok()?;
        let cluster = &self.cluster;
        let found = docker.ask_at_last(LAST, async |client: Client| self.nodes(&client).await);
        match found {
            Ok(nodes) => (!nodes.is_empty()).then(|| format!("cluster `{cluster}`")),
            Err(error) if exit_of(&error) == Exit::Refused => None,
            Err(error) => Some(format!("perhaps cluster `{cluster}`: {error:#}")),
        }
    }

    /// The containers that are nodes of ours.
    pub(super) async fn nodes(&self, client: &Client) -> anyhow::Result<Vec<Node>> {
        let labelled = filter("label", [format!("{CLUSTER_LABEL}={}", self.cluster)]);
        let named = filter("name", [format!("^/{}-(control-plane|worker)[0-9]*$", self.cluster)]);
        let list = |filters| {
            client.list_containers(Some(ListContainersOptions {
                all: true,
                filters: Some(filters),
                ..Default::default()
            }))
        };
        let (mut containers, named) =
            tokio::try_join!(list(labelled), list(named)).context("Docker does not list containers")?;
        let known: Vec<Option<String>> = containers.iter().map(|it| it.id.clone()).collect();
        containers.extend(named.into_iter().filter(|it| !known.contains(&it.id)));
        if let Some(foreign) = containers.iter().find(|it| !is_of(it, &self.cluster, &self.folder)) {
            return Err(self.refused(&name(foreign)).into());
        }
        let mut nodes: Vec<Node> = containers.into_iter().map(Node::of).collect();
        nodes.sort_by(|one, other| (&one.role, &one.name).cmp(&(&other.role, &other.name)));
        Ok(nodes)
    }

    fn refused(&self, container: &str) -> Failure {
        let cluster = &self.cluster;
        Failure::refused(format!(
            "container `{container}` is, or is named like, a node of the cluster `{cluster}`, but this workspace has not made it"
        ))
        .help(format!(
            "if nobody needs it, remove it: `kind delete cluster --name {cluster}`, or `docker rm --force --volumes {container}`"
        ))
    }
}

/// Whether it is a node of the cluster, and sees our folder.
fn is_of(container: &ContainerSummary, cluster: &str, folder: &Path) -> bool {
    let label = container.labels.as_ref().and_then(|labels| labels.get(CLUSTER_LABEL));
    let mut mounts = container.mounts.iter().flatten();
    label.is_some_and(|label| label == cluster)
        && mounts.any(|mount| {
            mount.destination.as_deref() == Some(MOUNT)
                && mount.source.as_deref().is_some_and(|source| Path::new(source) == folder)
        })
}

fn name(container: &ContainerSummary) -> String {
    let name = container.names.iter().flatten().next().map(String::as_str).unwrap_or_default();
    name.trim_start_matches('/').to_owned()
}

fn found(nodes: Vec<Node>, record: Option<Record>) -> Found {
    if nodes.is_empty() {
        return Found::Absent;
    }
    let Some(record) = record else { return Found::HalfMade(nodes) };
    let is = |state: State| nodes.iter().any(|node| node.state == state.to_string());
    let (paused, running) = (is(State::PAUSED), nodes.iter().all(Node::is_running));
    let made = Made { nodes, record };
    match (paused, running) {
        (true, _) => Found::Paused(made),
        (_, true) => Found::Running(made),
        _ => Found::Stopped(made),
    }
}

/// The node with the API.
pub(super) fn control_plane(nodes: &[Node]) -> Option<&Node> {
    nodes.iter().find(|node| node.role == CONTROL_PLANE)
}

impl Node {
    fn of(container: ContainerSummary) -> Self {
        let port = container.ports.iter().flatten().find(|port| port.private_port == API_PORT);
        let api = port.and_then(|port| {
            let ip: IpAddr = port.ip.as_deref()?.parse().ok()?;
            Some(SocketAddr::new(ip, port.public_port?))
        });
        Self {
            name: name(&container),
            role: container.labels.and_then(|mut it| it.remove(ROLE_LABEL)).unwrap_or_default(),
            state: container.state.map(|state| state.to_string()).unwrap_or_default(),
            image: container.image.unwrap_or_default(),
            api,
            id: container.id.unwrap_or_default(),
        }
    }

    pub(super) fn is_running(&self) -> bool {
        self.state == State::RUNNING.to_string()
    }
}

impl Found {
    /// The cluster, if it was made to the end.
    pub fn made(&self) -> Option<&Made> {
        match self {
            Self::Stopped(made) | Self::Paused(made) | Self::Running(made) => Some(made),
            Self::Absent | Self::HalfMade(_) => None,
        }
    }

    /// Its nodes.
    pub fn nodes(&self) -> &[Node] {
        match self {
            Self::Absent => &[],
            Self::HalfMade(nodes) => nodes,
            Self::Stopped(made) | Self::Paused(made) | Self::Running(made) => &made.nodes,
        }
    }

    /// In a word: `absent`, `half made`, `stopped`, `paused`, `running`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::HalfMade(_) => "half made",
            Self::Stopped(_) => "stopped",
            Self::Paused(_) => "paused",
            Self::Running(_) => "running",
        }
    }
}

#[cfg(test)]
#[path = "find_tests.rs"]
mod tests;
