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
mod docker;
mod endpoint;
mod files;
mod image;
pub mod log;
mod preflight;
mod ready;
mod removal;
mod served;
mod status;
mod tls;

use std::sync::OnceLock;
use std::time::Duration;

use anyhow::Context as _;
use bollard::Docker as Client;
use routing::RoutingTable;

pub use container::Container;
pub use files::{File, Files, Written};
pub use served::RouteStatus;
pub use status::TraefikStatus;

use super::{Change, EngineStatus, LogSource, RouterEngine};
use crate::context::Context;
use crate::daemon::Stopped;
use crate::failure::Failure;
use crate::profile::{Engine, TraefikProfile};
use crate::render;
use crate::sandbox::{Sandbox, Scheme};
use crate::state::id_of;
use compose::Compose;
use container::Owner;
use docker::{Docker, PATIENCE};

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
        let workspace = id_of(cx.root());
        let owner = Owner {
            project: render::project(&profile.name, workspace),
            workspace: format!("{workspace:016x}"),
            profile: profile.name.clone(),
        };
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

    /// Docker and Compose with whatever a start needs, and our container.
    fn prepare(&self, cx: &Context) -> anyhow::Result<(Docker, &Compose, Option<Container>)> {
        let docker = Docker::find(cx)?;
        let found = docker.ask(cx, cx.deadline.or(PATIENCE), "Docker", async |client: Client| {
            self.owner.refuse_foreign(&client).await?;
            self.owner.find(&client).await
        })?;
        let compose = self.compose(cx, &docker)?;
        match &found {
            Some(container) if container.is_running() => self.refuse_other_settings(cx, container)?,
            Some(container) => container.refuse_paused()?,
            None => {}
        }
        preflight::check_network(cx, &docker, &self.profile)?;
        preflight::check_ports(cx, &self.profile, found.as_ref())?;
        Ok((docker, compose, found))
    }

    /// Brings the container up. One that does not come to serve is removed.
    fn up(&self, cx: &Context, table: &RoutingTable) -> anyhow::Result<()> {
        let (docker, compose, _) = self.prepare(cx)?;
        let image = self.profile.image.to_string();
        if !image::is_there(cx, &docker, &image)? {
            image::pull(cx, &docker, &image)?;
        }
        let sandbox = sandbox(cx)?;
        let odd = sandbox.iter().flat_map(|sandbox| sandbox.warnings(table));
        odd.for_each(|warning| cx.reporter.warn(&warning));
        let files = Files::render(cx, &self.profile, table, sandbox.as_ref())?;
        for file in files.all() {
            file.write(cx)?;
        }
        let folder = cx.root().join(files::folder(&self.owner.profile));
        let up = || {
            if let Some(sandbox) = &sandbox {
                compose.make(cx, &self.owner.project, &folder)?;
                tls::put(cx, &docker, &self.owner, sandbox)?;
            }
            compose.up(cx, &self.owner.project, &folder)?;
            ready::wait(cx, &docker, &self.owner, table, &files.routes)
        };
        up().map_err(|error| removal::undo(&docker, &self.owner, error))
    }

    /// Fails when the container was made with other settings than these.
    fn refuse_other_settings(&self, cx: &Context, container: &Container) -> anyhow::Result<()> {
        if container.config() == files::settings_digest(cx, &self.profile, sandbox(cx)?.as_ref())? {
            return Ok(());
        }
        let difference = status::difference(cx, container, &self.profile)?;
        Err(Failure::failed(format!("the router runs with other settings: {difference}"))
            .help("run `cargo xtask router restart`; open connections will be drained")
            .into())
    }

    /// Gives a running container the routes.
    fn change(&self, cx: &Context, docker: &Docker, table: &RoutingTable) -> anyhow::Result<Change> {
        // They are the same whatever the sandbox's certificate.
        let routes = files::routes(cx, table, self.sandbox.as_ref())?;
        let written = routes.write(cx)?;
        ready::wait(cx, docker, &self.owner, table, &routes)?;
        Ok(if written == Written::Now { Change::Reloaded } else { Change::Already })
    }
}

/// The sandbox that is asked for, checked.
fn sandbox(cx: &Context) -> anyhow::Result<Option<Sandbox>> {
    cx.sandbox().map(|request| Sandbox::check(cx, request)).transpose()
}

impl RouterEngine for Traefik {
    fn preflight(&self, cx: &Context) -> anyhow::Result<()> {
        sandbox(cx)?;
        let (docker, _, found) = self.prepare(cx)?;
        let image = self.profile.image.to_string();
        if !found.is_some_and(|it| it.is_running()) && !image::is_there(cx, &docker, &image)? {
            cx.reporter.note(&format!("image `{image}` is not there; it will be pulled"));
        }
        Ok(())
    }

    fn provide(&self, cx: &Context) -> anyhow::Result<()> {
        sandbox(cx)?;
        let docker = Docker::find(cx)?;
        docker.ask(cx, cx.deadline.or(PATIENCE), "Docker", async |client: Client| {
            self.owner.refuse_foreign(&client).await
        })?;
        self.compose(cx, &docker)?;
        preflight::check_network(cx, &docker, &self.profile)?;
        let image = self.profile.image.to_string();
        if image::is_there(cx, &docker, &image)? { Ok(()) } else { image::pull(cx, &docker, &image) }
    }

    fn plan(&self, cx: &Context, table: &RoutingTable) -> anyhow::Result<Vec<String>> {
        let (docker, compose, found) = self.prepare(cx)?;
        let files = self.files(cx, table)?;
        let differing = files.all().into_iter().filter(|file| !file.is_written(cx));
        let mut steps: Vec<String> =
            differing.map(|file| format!("write `{}`", file.path.display())).collect();
        if found.is_some_and(|container| container.is_running()) {
            return Ok(steps);
        }
        let image = self.profile.image.to_string();
        if !image::is_there(cx, &docker, &image)? {
            steps.push(format!("pull image `{image}`"));
        }
        let folder = cx.root().join(files::folder(&self.owner.profile));
        steps.push(format!("run `{}`", compose.describe(&self.owner.project, &folder, "up")));
        Ok(steps)
    }

    fn start(&self, cx: &Context, table: &RoutingTable) -> anyhow::Result<Change> {
        let docker = Docker::find(cx)?;
        match self.find(cx, &docker)? {
            Some(container) if container.is_running() => {
                self.refuse_other_settings(cx, &container)?;
                self.change(cx, &docker, table)
            }
            _ => self.up(cx, table).map(|()| Change::Started),
        }
    }

    fn apply(&self, cx: &Context, table: &RoutingTable) -> anyhow::Result<Change> {
        let docker = Docker::find(cx)?;
        self.find(cx, &docker)?.filter(Container::is_running).with_context(|| {
            Failure::missing("the router is not running").help("run `cargo xtask router start`")
        })?;
        self.change(cx, &docker, table)
    }

    fn stop(&self, cx: &Context, drain: Duration) -> anyhow::Result<Stopped> {
        let docker = Docker::find(cx)?;
        if self.find(cx, &docker)?.is_none() {
            // Its certificate may be left where somebody removed it by hand.
            tls::remove(cx, &docker, &self.owner)?;
            return Ok(Stopped::Already);
        }
        let folder = cx.root().join(files::folder(&self.owner.profile));
        if folder.join(files::COMPOSE).exists() {
            self.compose(cx, &docker)?.down(cx, &self.owner.project, &folder, drain)?;
        } else {
            // Compose cannot tell what it made without its file; Docker can.
            removal::end(cx, &docker, &self.owner, drain)?;
        }
        tls::remove(cx, &docker, &self.owner)?;
        match self.find(cx, &docker)? {
            None => Ok(Stopped::Ended),
            Some(container) => Err(Failure::failed(format!("container `{}` is still there", container.name))
                .help(format!("remove it with `docker rm --force {}`", container.id))
                .into()),
        }
    }

    fn status(&self, cx: &Context) -> anyhow::Result<Option<EngineStatus>> {
        let docker = Docker::find(cx)?;
        let Some(container) = self.find(cx, &docker)? else { return Ok(None) };
        TraefikStatus::of(cx, container, &self.names).map(|status| Some(EngineStatus::Traefik(status)))
    }

    fn log(&self) -> LogSource {
        LogSource::Container(self.owner.project.clone())
    }
}
