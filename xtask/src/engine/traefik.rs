//! The engine `traefik`: a container that Compose brings up.
//!
//! Compose makes and removes it; whatever is asked, Docker is asked for, and
//! Traefik's API on loopback. In kind's network that API cannot be reached from
//! outside, and shall not be: there a start returns when the listeners keep
//! their connections, and a change when its file is in place, which Traefik
//! takes up within a fraction of a second. Handshakes prove the routes.

mod api;
mod compose;
mod container;
mod engine;
mod files;
mod image;
pub mod log;
mod preflight;
mod ready;
mod removal;
mod served;
mod start;
mod status;
mod tls;

use std::sync::OnceLock;
use std::time::Duration;

use bollard::Docker as Client;
use routing::RoutingTable;

pub use container::Container;
pub use files::{File, Files, Written};
pub use served::RouteStatus;
pub use status::TraefikStatus;

use crate::context::Context;
use crate::docker::{Docker, Endpoint, PATIENCE};
use crate::failure::Failure;
use crate::profile::{Engine, TraefikProfile};
use crate::sandbox::{Sandbox, Scheme};
use compose::Compose;
use container::Owner;

/// The network of a container that does not share the host's: kind's.
const NETWORK: &str = "kind";

/// Traefik for a profile of this workspace.
#[derive(Clone, Debug)]
pub struct Traefik {
    owner: Owner,
    /// Names of the profile's routes, in order.
    names: Vec<String>,
    profile: TraefikProfile,
    /// Whose TLS ends at Traefik.
    sandbox: Option<Scheme>,
    /// Looked for once.
    compose: OnceLock<Compose>,
}

impl Traefik {
    /// The engine of the chosen profile.
    pub fn new(cx: &Context) -> anyhow::Result<Self> {
        let profile = cx.profile()?;
        let Engine::Traefik(traefik) = &profile.router()?.engine else {
            return Err(Failure::usage(format!("the router of profile `{}` is not Traefik", profile.name))
                .help("choose a profile with Traefik: `cargo xtask router render --profile coder`")
                .into());
        };
        let owner = Owner::by_name(cx);
        let names = profile.routes.iter().map(|route| route.name.clone()).collect();
        let sandbox = cx.sandbox().map(|request| Scheme::new(profile, request)).transpose()?;
        Ok(Self { owner, names, profile: traefik.clone(), sandbox, compose: OnceLock::new() })
    }

    /// The files for `table`.
    pub fn files(&self, cx: &Context, table: &RoutingTable) -> anyhow::Result<Files> {
        Files::render(cx, &self.profile, table, sandbox(cx)?.as_ref())
    }

    /// What runs, in words.
    pub(super) fn left_running(&self, cx: &Context) -> Option<String> {
        let docker = Docker::find(cx).ok()?;
        let found =
            docker.ask_at_last(removal::PATIENCE, async |client: Client| self.owner.find(&client).await);
        match found {
            Ok(found) => found.map(|it| format!("container `{}` ({})", it.name, it.state)),
            Err(error) => Some(format!("perhaps container `{}`: {error:#}", self.owner.project)),
        }
    }

    fn find(&self, cx: &Context, docker: &Docker) -> anyhow::Result<Option<Container>> {
        docker.ask(cx, cx.deadline.or(PATIENCE), "Docker", async |client: Client| {
            self.owner.find(&client).await
        })
    }

    fn compose(&self, cx: &Context, docker: &Docker) -> anyhow::Result<&Compose> {
        if let Some(compose) = self.compose.get() {
            return Ok(compose);
        }
        let compose = Compose::find(cx, docker.endpoint())?;
        Ok(self.compose.get_or_init(|| compose))
    }
}

/// Ends the router of a profile that cannot be read any more: whether there
/// was one.
pub fn end_by_name(cx: &Context, drain: Duration) -> anyhow::Result<bool> {
    let owner = Owner::by_name(cx);
    if !cx.root().join(files::folder(&owner.profile)).exists() {
        // It was never Traefik, and there may be no Docker.
        return Ok(false);
    }
    let docker = Docker::find(cx)?;
    let limit = cx.deadline.or(PATIENCE);
    let found = docker.ask(cx, limit, "Docker", async |client: Client| owner.find(&client).await)?;
    removal::end(cx, &docker, &owner, drain)?;
    Ok(found.is_some())
}

/// The sandbox that is asked for, checked.
fn sandbox(cx: &Context) -> anyhow::Result<Option<Sandbox>> {
    cx.sandbox().map(|request| Sandbox::check(cx, request)).transpose()
}

/// The Docker of the call, as in `DOCKER_HOST`; none where the router runs in
/// none. Whoever needs it tells why it cannot be found.
pub fn docker(cx: &Context) -> Option<String> {
    let in_docker = matches!(cx.profile().ok()?.router().ok()?.engine, Engine::Traefik(_));
    in_docker.then(|| Endpoint::find(cx).ok()).flatten().map(String::from)
}
