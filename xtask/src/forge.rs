//! What serves the repositories: engines behind one trait.

mod backend;
pub mod bare;
mod foreign;
mod gitea;
mod idle;
mod leftovers;
mod local;
mod served;
mod service;

use git_seed::Remote;
use serde::Serialize;

use crate::context::Context;
use crate::failure::Failure;
use crate::gitea::{Argo, ServerArgs};
use crate::profile::ForgeEngine;

use self::bare::Bare;
pub use self::foreign::{Foreign, foreign};
use self::gitea::Gitea;
pub use self::service::{Config, ForgeService, ForgeStatus};

/// A Git server with the profile's repository.
pub trait Forge: Send + Sync {
    /// The repository, for people.
    fn describe(&self) -> String;

    /// What there is to know of it beside what is in the repository.
    fn server(&self) -> anyhow::Result<Server>;

    /// Whether the repository is there.
    fn has_repository(&self) -> anyhow::Result<bool>;

    /// Makes the repository if it is not there, and it ready to be pushed to.
    /// Says whether it was made.
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
    #[serde(rename = "server")]
    pub describe: String,
    /// Where clients have the repository, as long as it is served.
    pub url: Option<String>,
    /// Whether the repository is there.
    pub has_repository: bool,
    /// Whether Argo CD reads the repository, where that can be known.
    pub argo: Option<Argo>,
}

/// The Git server of the chosen profile, reached as the flags say.
pub fn of<'a>(cx: &'a Context, args: &'a ServerArgs) -> anyhow::Result<Box<dyn Forge + 'a>> {
    let profile = cx.profile()?;
    match profile.gitea()?.engine {
        ForgeEngine::Bare if *args != ServerArgs::default() => {
            let message =
                format!("profile `{}` has its repositories on disk: there is no server", profile.name);
            let help = "leave the server options out, or choose a profile with Gitea: `--profile coder`";
            Err(Failure::usage(message).help(help).into())
        }
        ForgeEngine::Bare => Ok(Box::new(Bare::of(cx)?)),
        ForgeEngine::Gitea => Ok(Box::new(Gitea::of(cx, args)?)),
    }
}
