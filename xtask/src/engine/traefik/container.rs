//! The router's container, as Docker tells of it.

use std::collections::HashMap;

use anyhow::Context as _;
use bollard::Docker as Client;
use bollard::models::{ContainerInspectResponse, HealthStatusEnum};
use bollard::query_parameters::{
    ListContainersOptions, ListVolumesOptions, RemoveContainerOptions, RemoveVolumeOptions,
};
use routing::{EntryPoint, Listeners};
use serde::Serialize;

use crate::context::Context;
use crate::docker::{filter, is_absent};
use crate::failure::Failure;
use crate::ownership;
use crate::render;
use crate::state::id_of;

/// Characters of an id that are shown, as Docker does.
const SHORT_ID: usize = 12;
/// Which part of the platform this is.
const COMPONENT: &str = "router";

/// Whose container it is, and what it is called.
#[derive(Clone, Debug)]
pub struct Owner {
    /// Name of the Compose project, and of the container.
    pub project: String,
    /// Id of the workspace, 16 hexadecimal digits.
    pub workspace: String,
    /// Name of the profile.
    pub profile: String,
}

/// The container, running or not.
#[derive(Clone, Debug, Serialize)]
pub struct Container {
    /// The beginning of its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The image that it was made of.
    pub image: String,
    /// `running`, `restarting`, `exited` and so on: Docker's word.
    pub state: String,
    /// `starting`, `healthy`, `unhealthy`: Docker's word.
    pub health: Option<String>,
    /// When it was last started (RFC 3339); none: never.
    pub started: Option<String>,
    /// When it last ended, unless it runs.
    pub ended: Option<String>,
    /// With what, unless it runs.
    pub exit_code: Option<i64>,
    /// How often Docker has started it again.
    pub restarts: i64,
    /// `host`, or the name of its network.
    pub network: String,
    #[serde(skip)]
    labels: HashMap<String, String>,
}

impl Owner {
    /// That of the chosen profile, by its name alone.
    pub fn by_name(cx: &Context) -> Self {
        let ownership::Owner { workspace, profile } = ownership::Owner::of(cx);
        Self { project: render::project(&profile, id_of(cx.root())), workspace, profile }
    }

    /// The container that carries our labels.
    pub async fn find(&self, client: &Client) -> anyhow::Result<Option<Container>> {
        for id in self.ids(client).await? {
            match client.inspect_container(&id, None).await {
                Ok(found) => return Ok(Some(Container::new(found))),
                // It went while we looked.
                Err(error) if is_absent(&error) => {}
                Err(error) => return Err(error).context("Docker does not tell of the router's container"),
            }
        }
        Ok(None)
    }

    /// Fails when something of somebody else has our name.
    pub async fn refuse_foreign(&self, client: &Client) -> anyhow::Result<()> {
        let of_project = ListContainersOptions {
            all: true,
            filters: Some(filter("label", [format!("com.docker.compose.project={}", self.project)])),
            ..Default::default()
        };
        let mut found =
            client.list_containers(Some(of_project)).await.context("Docker does not list containers")?;
        let of_name = ListContainersOptions {
            all: true,
            filters: Some(filter("name", [format!("^/{}$", self.project)])),
            ..Default::default()
        };
        found.extend(client.list_containers(Some(of_name)).await.context("Docker does not list containers")?);
        let ours = |labels: &HashMap<String, String>| {
            self.labels().into_iter().all(|(name, value)| labels.get(name).is_some_and(|it| it == value))
        };
        let foreign = found.into_iter().find(|container| !container.labels.as_ref().is_some_and(ours));
        let Some(foreign) = foreign else { return Ok(()) };
        let name = foreign.names.unwrap_or_default().into_iter().next().unwrap_or_default();
        let name = name.trim_start_matches('/');
        let project = &self.project;
        Err(Failure::refused(format!(
            "container `{name}` has the router's name `{project}`, but is not ours"
        ))
        .help(format!("if nobody needs it, remove it: `docker rm --force {name}`"))
        .into())
    }

    /// Removes every container that carries our labels; running ones are killed.
    pub async fn remove(&self, client: &Client) -> anyhow::Result<()> {
        for id in self.ids(client).await? {
            let options = RemoveContainerOptions { force: true, ..Default::default() };
            match client.remove_container(&id, Some(options)).await {
                Err(error) if !is_absent(&error) => return Err(error).context("Docker does not remove it"),
                _ => {}
            }
        }
        self.remove_volumes(client).await
    }

    /// Removes every volume that carries our labels.
    pub async fn remove_volumes(&self, client: &Client) -> anyhow::Result<()> {
        let options = ListVolumesOptions { filters: Some(self.filter()) };
        let found = client.list_volumes(Some(options)).await.context("Docker does not list volumes")?;
        for volume in found.volumes.unwrap_or_default() {
            match client.remove_volume(&volume.name, None::<RemoveVolumeOptions>).await {
                Err(error) if !is_absent(&error) => {
                    return Err(error)
                        .with_context(|| format!("Docker does not remove volume `{}`", volume.name));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// What tells the router's own from the profile's other components.
    fn labels(&self) -> [(&str, &str); 3] {
        [
            (ownership::WORKSPACE, &self.workspace),
            (ownership::PROFILE, &self.profile),
            ("dev.xtask.component", COMPONENT),
        ]
    }

    fn filter(&self) -> HashMap<String, Vec<String>> {
        filter("label", self.labels().map(|(name, value)| format!("{name}={value}")))
    }

    /// The ids of all containers that carry our labels.
    pub async fn ids(&self, client: &Client) -> anyhow::Result<Vec<String>> {
        let options = ListContainersOptions { all: true, filters: Some(self.filter()), ..Default::default() };
        let found = client.list_containers(Some(options)).await.context("Docker does not list containers")?;
        Ok(found.into_iter().filter_map(|container| container.id).collect())
    }
}

impl Container {
    fn new(found: ContainerInspectResponse) -> Self {
        let state = found.state.unwrap_or_default();
        let config = found.config.unwrap_or_default();
        let word = state.status.map(|status| status.to_string()).unwrap_or_default();
        let is_up = word == "running" || word == "paused";
        let time = |text: Option<String>| text.filter(|text| !text.starts_with("0001-"));
        let networks = found.network_settings.and_then(|settings| settings.networks).unwrap_or_default();
        let mode = found.host_config.and_then(|config| config.network_mode).unwrap_or_default();
        let health = state.health.and_then(|health| health.status);
        let health = health.filter(|it| !matches!(it, HealthStatusEnum::EMPTY | HealthStatusEnum::NONE));
        Self {
            id: found.id.unwrap_or_default().chars().take(SHORT_ID).collect(),
            name: found.name.unwrap_or_default().trim_start_matches('/').to_owned(),
            image: config.image.unwrap_or_default(),
            health: health.filter(|_| is_up).map(|health| health.to_string()),
            started: time(state.started_at),
            ended: time(state.finished_at).filter(|_| !is_up),
            exit_code: state.exit_code.filter(|_| !is_up && word != "created"),
            state: word,
            restarts: found.restart_count.unwrap_or_default(),
            // Compose may have named it by its id.
            network: networks.into_keys().next().filter(|_| mode != "host").unwrap_or(mode),
            labels: config.labels.unwrap_or_default(),
        }
    }

    /// Whether connections are taken.
    pub fn is_running(&self) -> bool {
        self.state == "running"
    }

    /// Whether it ended by itself; Docker may be about to start it again.
    pub fn has_ended(&self) -> bool {
        ["restarting", "exited", "dead"].contains(&self.state.as_str())
    }

    /// Fails when it was paused by hand: neither we nor Compose would wake it.
    pub fn refuse_paused(&self) -> Result<(), Failure> {
        let name = &self.name;
        if self.state != "paused" {
            return Ok(());
        }
        Err(Failure::failed(format!("container `{name}` is paused")).help(format!(
            "let it go on with `docker unpause {name}`, or end it with `cargo xtask router stop`"
        )))
    }

    /// Tells one configuration from another.
    pub fn config(&self) -> &str {
        self.label("dev.xtask.config")
    }

    /// Where it listens.
    pub fn listeners(&self) -> Listeners {
        let listener = |text: &str| {
            let (point, address) = text.split_once('=')?;
            let point = EntryPoint::ALL.into_iter().find(|known| known.as_str() == point)?;
            Some((point, address.parse().ok()?))
        };
        self.label("dev.xtask.listeners").split(' ').filter_map(listener).collect()
    }

    /// The port of Traefik's API on loopback, where we can reach that.
    pub fn api_port(&self) -> Option<u16> {
        self.label("dev.xtask.api").parse().ok().filter(|_| self.network == "host")
    }

    /// For people: that it does not run, and since when.
    pub fn describe_end(&self) -> String {
        let Self { name, state, .. } = self;
        let code = self.exit_code.map_or(String::new(), |code| format!(" with exit code {code}"));
        let when = self.ended.as_ref().map_or(String::new(), |ended| format!(" at {ended}"));
        format!(
            "container `{name}` is in state `{state}`{}{code}{when}",
            if code.is_empty() { "" } else { "; it ended" }
        )
    }

    fn label(&self, name: &str) -> &str {
        self.labels.get(name).map(String::as_str).unwrap_or_default()
    }
}
