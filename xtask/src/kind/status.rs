//! How the cluster is, for people and programs.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use super::find::control_plane;
use super::{Config, Drift, Found, Kind, Node};
use crate::context::Context;
use crate::docker::Docker;
use crate::kubeconfig;
use crate::stage::State;

/// How long a cluster that is not ready is looked at.
const LOOK: Duration = Duration::from_secs(3);

/// How the cluster is.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// Its name.
    pub cluster: String,
    /// `absent`, `half made`, `stopped`, `paused`, `unready`, `ready`.
    pub state: &'static str,
    /// The control plane, then the workers.
    pub nodes: Vec<Node>,
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

impl Kind {
    /// Asks Docker and the API. Fails with exit status 5 when the cluster is
    /// somebody else's.
    pub fn status(&self, cx: &Context) -> anyhow::Result<Status> {
        let config = Config::of(cx)?;
        let found = self.look_in(cx, &Docker::find(cx)?)?;
        let path = kubeconfig::path(cx);
        let mut state = found.word();
        let mut unready = Vec::new();
        if let Found::Running(made) = &found {
            unready = match self.refuse_missing(made) {
                Err(error) => vec![error.to_string()],
                Ok(()) => self.unready(cx, LOOK).unwrap_or_else(|error| vec![format!("{error:#}")]),
            };
            state = if unready.is_empty() { "ready" } else { "unready" };
        }
        let drift = found.made().map(|made| Drift::of(&made.record, &config)).transpose()?;
        Ok(Status {
            cluster: self.cluster.clone(),
            state,
            api: control_plane(found.nodes()).and_then(|node| node.api),
            nodes: found.nodes().to_vec(),
            unready,
            drift: drift.map(|drift| drift.map(|drift| drift.lines()).unwrap_or_default()),
            kubeconfig: Some(path).filter(|path| path.exists()),
            context: self.context(),
            merged: false,
        })
    }
}

impl Status {
    /// Whether it is ready, and as the profile wants it; the text says how it
    /// is, or why not.
    pub fn as_stage(&self) -> State {
        let drift = self.drift.as_deref().unwrap_or_default();
        match self.state {
            "ready" if drift.is_empty() => {
                State::Up(super::describe(&self.cluster, self.nodes.len(), self.api))
            }
            "ready" => State::Down(format!("it was made with other settings: {}", drift.join("; "))),
            "absent" => State::Down(format!("making the cluster `{}`", self.cluster)),
            word => State::Down(format!("the cluster is {word}")),
        }
    }

    /// What keeps the cluster from being used, if there is one.
    pub fn trouble(&self) -> Option<&'static str> {
        ["half made", "stopped", "paused", "unready"].into_iter().find(|word| *word == self.state)
    }
}
