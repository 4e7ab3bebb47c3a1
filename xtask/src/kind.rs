//! The cluster that kind makes for a profile of this workspace.
//!
//! The program `kind` makes the nodes, once. Whatever comes after that is asked
//! and done through Docker and the cluster's API: looking, starting, repairing,
//! removing. A cluster is ours when its nodes see our folder at [`MOUNT`], and
//! it is whole when its control plane has the [record](record::Record) that is
//! put there after kind has succeeded.

mod admin;
mod cli;
mod config;
mod create;
mod credentials;
mod difference;
mod drift;
mod fault;
mod find;
mod folder;
mod fresh;
mod log;
mod network;
mod patience;
mod phase;
mod plan;
mod ready;
mod record;
mod registries;
mod remove;
mod repair;
mod status;
#[cfg(test)]
mod tests;
mod up;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::context::Context;
use crate::docker::Docker;
use crate::failure::Failure;
use crate::render;
use crate::state::id_of;

pub use config::Config;
pub use difference::{Difference, difference};
pub use drift::Drift;
pub use find::{Found, Made, Node};
pub use folder::{Folder, MOUNT};
pub use status::Status;
pub use up::{Change, Report};

/// How long a cluster may take to become ready, when `--timeout` says nothing.
const PATIENCE: Duration = Duration::from_mins(5);

/// The cluster of a profile, which need not exist.
#[derive(Clone, Debug)]
pub struct Kind {
    /// Its name, to kind.
    cluster: String,
    /// What its nodes see of this machine.
    folder: PathBuf,
}

/// What is asked of [`Kind::up`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Remove the cluster that is there first, with all that it holds.
    pub recreate: bool,
    /// Keep what kind leaves behind when it fails.
    pub retain: bool,
    /// Add the cluster's context to the user's kubeconfig.
    pub merge: bool,
}

/// A call of [`Kind::up`], once it is known what there is to do it with.
struct Job<'a> {
    cx: &'a Context,
    docker: &'a Docker,
    config: &'a Config,
    options: Options,
    /// When all must be done.
    deadline: Instant,
    /// Is told each step.
    say: &'a dyn Fn(&str),
}

impl Kind {
    /// That of the chosen profile; a usage failure if kind does not make its cluster.
    pub fn of(cx: &Context) -> anyhow::Result<Self> {
        cx.profile()?.kind()?;
        Ok(Self::by_name(cx))
    }

    /// The one that a profile of the chosen name would have, which need not be
    /// readable any more.
    pub fn by_name(cx: &Context) -> Self {
        let cluster = render::project(&cx.choice.name, id_of(cx.root()));
        Self { cluster, folder: Folder::of(cx).path().to_owned() }
    }

    /// Its name, to kind.
    pub fn cluster(&self) -> &str {
        &self.cluster
    }

    /// The name of its context in a kubeconfig, and of the cluster and user there.
    pub fn context(&self) -> String {
        format!("kind-{}", self.cluster)
    }
}

/// For people: a cluster that is ready.
pub fn describe(cluster: &str, nodes: usize, api: Option<SocketAddr>) -> String {
    let nodes = if nodes == 1 { "1 node".to_owned() } else { format!("{nodes} nodes") };
    let api = api.map_or(String::new(), |api| format!(", API on {api}"));
    format!("`{cluster}` with {nodes} ready{api}")
}

/// An error whose causes are `lines`, the first of them first.
fn with_causes(failure: Failure, lines: impl IntoIterator<Item = String>) -> anyhow::Error {
    let mut lines: Vec<String> = lines.into_iter().collect();
    let Some(last) = lines.pop() else { return failure.into() };
    lines.into_iter().rfold(anyhow::anyhow!(last), anyhow::Error::context).context(failure)
}
