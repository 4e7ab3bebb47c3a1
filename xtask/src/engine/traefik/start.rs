//! Brings the container up, or gives a running one its routes.

use bollard::Docker as Client;
use routing::RoutingTable;

use super::container::Container;
use super::{Files, Traefik, Written, files, image, preflight, ready, removal, sandbox, status, tls};
use crate::context::Context;
use crate::docker::{Docker, PATIENCE};
use crate::engine::{Change, OTHERWISE};
use crate::failure::Failure;

impl Traefik {
    /// Our container; fails when something of somebody else has its name.
    pub(super) fn find_own(&self, cx: &Context, docker: &Docker) -> anyhow::Result<Option<Container>> {
        docker.ask(cx, cx.deadline.or(PATIENCE), "Docker", async |client: Client| {
            self.owner.refuse_foreign(&client).await?;
            self.owner.find(&client).await
        })
    }

    /// Fails when something would keep the container from starting, or from
    /// being as it shall be; `found` is the one that is there.
    pub(super) fn check(
        &self,
        cx: &Context,
        docker: &Docker,
        found: Option<&Container>,
    ) -> anyhow::Result<()> {
        match found {
            Some(container) if container.is_running() => self.refuse_other_settings(cx, container)?,
            Some(container) => container.refuse_paused()?,
            None => {}
        }
        preflight::check_network(cx, docker, &self.profile)?;
        preflight::check_ports(cx, &self.profile, found)
    }

    /// Fails when the container was made with other settings than these.
    pub(super) fn refuse_other_settings(&self, cx: &Context, container: &Container) -> anyhow::Result<()> {
        if container.config() == files::settings_digest(cx, &self.profile, sandbox(cx)?.as_ref())? {
            return Ok(());
        }
        let difference = status::difference(cx, container, &self.profile)?;
        Err(Failure::failed(format!("the router runs with other settings: {difference}"))
            .help(OTHERWISE)
            .into())
    }

    /// Brings the container up. One that does not come to serve is removed.
    pub(super) fn up(&self, cx: &Context, table: &RoutingTable) -> anyhow::Result<()> {
        let docker = Docker::find(cx)?;
        let found = self.find_own(cx, &docker)?;
        let compose = self.compose(cx, &docker)?;
        self.check(cx, &docker, found.as_ref())?;
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

    /// Gives a running container the routes.
    pub(super) fn change(
        &self,
        cx: &Context,
        docker: &Docker,
        table: &RoutingTable,
    ) -> anyhow::Result<Change> {
        // They are the same whatever the sandbox's certificate.
        let routes = files::routes(cx, table, self.sandbox.as_ref())?;
        let written = routes.write(cx)?;
        ready::wait(cx, docker, &self.owner, table, &routes)?;
        Ok(if written == Written::Now { Change::Reloaded } else { Change::Already })
    }
}
