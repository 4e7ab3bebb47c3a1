//! How the cluster is, for people and programs.

use std::net::SocketAddr;
use std::path::PathBuf;

use bollard::Docker as Client;
use serde::Serialize;

use super::find::control_plane;
use super::{Config, Drift, Found, Kind, Node};
use crate::context::Context;
use crate::docker::{Docker, PATIENCE, files};
use crate::failure::Failure;
use crate::printable::printable;

/// Where an image of kind's tells the version of Kubernetes.
const VERSION: &str = "/kind/version";

/// How the cluster is.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// Its name.
    pub cluster: String,
    /// `absent`, `half made`, `stopped`, `paused`, `unready`, `ready`.
    pub state: &'static str,
    /// The control plane, then the workers.
    pub nodes: Vec<Node>,
    /// Whose it is.
    pub owner: Owner,
    /// The version of Kubernetes, as its nodes' image says.
    pub version: Option<String>,
    /// Where this machine reaches the API.
    pub api: Option<SocketAddr>,
    /// Why it is not ready, if it runs.
    pub unready: Vec<String>,
    /// How it differs from the profile; null when it was not made to its end.
    pub drift: Option<Vec<String>>,
    /// Its kubeconfig, when that is there.
    pub kubeconfig: Option<PathBuf>,
    /// Its context, in that and in the user's when it is merged.
    pub context: String,
    /// Whether the user's kubeconfig has the context.
    pub merged: bool,
}

/// Whose a cluster is.
#[derive(Clone, Debug, Serialize)]
pub struct Owner {
    /// The root of the workspace.
    pub workspace: PathBuf,
    /// The name of the profile.
    pub profile: String,
}

impl Kind {
    /// Asks Docker and the API. Fails with exit status 5 when the cluster is
    /// somebody else's.
    pub fn status(&self, cx: &Context) -> anyhow::Result<Status> {
        let config = Config::of(cx)?;
        let docker = Docker::find(cx)?;
        let found = self.look_in(cx, &docker)?;
        let version = version(cx, &docker, &found)?;
        let path = cx.own_kubeconfig();
        let mut state = found.word();
        let mut unready = Vec::new();
        if let Found::Running(made) = &found {
            unready = match self.refuse_missing(made) {
                Err(error) => vec![error.to_string()],
                Ok(()) => {
                    self.unready(cx, &docker, &made.nodes).unwrap_or_else(|error| vec![format!("{error:#}")])
                }
            };
            state = if unready.is_empty() { "ready" } else { "unready" };
        }
        let drift = found.made().map(|made| Drift::of(&made.record, &config)).transpose()?;
        Ok(Status {
            cluster: self.cluster.clone(),
            state,
            api: control_plane(found.nodes()).and_then(|node| node.api),
            owner: Owner { workspace: cx.root().to_owned(), profile: cx.choice.name.clone() },
            version,
            nodes: found.nodes().to_vec(),
            unready,
            drift: drift.map(|drift| drift.map(|drift| drift.lines()).unwrap_or_default()),
            kubeconfig: Some(path).filter(|path| path.exists()),
            merged: is_merged(cx, &self.context()),
            context: self.context(),
        })
    }
}

/// The version of Kubernetes, as a node's image says.
fn version(cx: &Context, docker: &Docker, found: &Found) -> anyhow::Result<Option<String>> {
    let Some(node) = control_plane(found.nodes()) else { return Ok(None) };
    let content = docker.ask(cx, cx.deadline.or(PATIENCE), "Docker", async |client: Client| {
        files::get(&client, &node.id, VERSION).await
    })?;
    Ok(content.map(|content| printable(&String::from_utf8_lossy(&content)).trim().to_owned()))
}

impl Status {
    /// Whether there is nothing of it.
    pub fn is_absent(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Whether it can be used.
    pub fn is_ready(&self) -> bool {
        self.state == "ready"
    }

    /// What keeps the cluster from being used, if there is one.
    pub fn trouble(&self) -> Option<Failure> {
        let names: Vec<&str> =
            self.nodes.iter().filter(|node| node.state == "paused").map(|node| node.name.as_str()).collect();
        let help = match self.state {
            "absent" | "ready" => return None,
            "paused" => format!("let it go on with `docker unpause {}`", names.join(" ")),
            _ => "bring it back with `cargo xtask kind up`".to_owned(),
        };
        Some(Failure::missing(format!("the cluster `{}` is {}", self.cluster, self.state)).help(help))
    }
}

/// Whether the user's kubeconfig has a context of that name.
pub(super) fn is_merged(cx: &Context, context: &str) -> bool {
    let has = |file: &PathBuf| {
        let text = std::fs::read(file).ok()?;
        let config: serde_json::Value = serde_yaml_ng::from_slice(&text).ok()?;
        Some(config["contexts"].as_array()?.iter().any(|it| it["name"] == context))
    };
    cx.environment.kubeconfig.iter().any(|file| has(file) == Some(true))
}
