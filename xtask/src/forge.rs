//! What serves the repositories: engines behind one trait.

mod backend;
pub mod bare;
mod local;
mod served;
mod service;

use git_seed::Remote;
use serde::Serialize;

use crate::context::Context;
use crate::profile::Forge as Engine;

use self::bare::Bare;
pub use self::service::{Config, ForgeService, ForgeStatus};

/// A Git server with the profile's repository.
pub trait Forge: Send + Sync {
    /// The repository, for people.
    fn describe(&self) -> String;

    /// What there is to know of it beside what is in the repository.
    fn server(&self) -> anyhow::Result<Server>;

    /// Whether the repository is there.
    fn has_repository(&self) -> anyhow::Result<bool>;

    /// Makes the repository if it is not there. Says whether it was made.
    fn prepare(&self) -> anyhow::Result<bool>;

    /// The repository, to be read and pushed to. It has to be there.
    fn remote(&self) -> anyhow::Result<Box<dyn Remote + '_>>;
}

/// What there is to know of a Git server.
#[derive(Debug, Serialize)]
pub struct Server {
    /// What it is, with its version.
    pub version: String,
    /// The repository, for people.
    pub describe: String,
    /// Where clients have the repository, as long as it is served.
    pub url: Option<String>,
    /// Whether the repository is there.
    pub has_repository: bool,
}

/// The Git server of the chosen profile.
pub fn of(cx: &Context) -> anyhow::Result<Box<dyn Forge + '_>> {
    match cx.profile()?.gitea()?.engine {
        Engine::Bare => Ok(Box::new(Bare::of(cx)?)),
        Engine::Gitea => anyhow::bail!("not there yet"),
    }
}
