//! What is asked of every engine, asked of Traefik.

use std::time::Duration;

use anyhow::Context as _;
use bollard::Docker as Client;
use routing::RoutingTable;

use super::container::Container;
use super::{Traefik, TraefikStatus, files, image, preflight, removal, sandbox, tls};
use crate::context::Context;
use crate::daemon::Stopped;
use crate::docker::{Docker, PATIENCE};
use crate::engine::{Change, EngineStatus, LogSource, RouterEngine};
use crate::failure::Failure;
use crate::launch;

impl RouterEngine for Traefik {
    fn preflight(&self, cx: &Context) -> anyhow::Result<()> {
        sandbox(cx)?;
        let docker = Docker::find(cx)?;
        let found = self.find_own(cx, &docker)?;
        self.compose(cx, &docker)?;
        self.check(cx, &docker, found.as_ref())?;
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
        let docker = Docker::find(cx)?;
        let found = self.find_own(cx, &docker)?;
        let compose = self.compose(cx, &docker)?;
        self.check(cx, &docker, found.as_ref())?;
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
        self.find(cx, &docker)?.filter(Container::is_running).with_context(|| launch::not_running(cx))?;
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
