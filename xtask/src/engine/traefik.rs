//! The engine `traefik`: a container that Compose brings up.

use std::time::Duration;

use routing::RoutingTable;
use serde::Serialize;

use super::{Change, EngineStatus, LogSource, RouterEngine, Serving};
use crate::context::Context;
use crate::daemon::Stopped;
use crate::failure::Failure;

/// Traefik for a profile of this workspace.
#[derive(Clone, Debug)]
pub struct Traefik {}

/// What is known of the container and of the routes in it.
#[derive(Clone, Debug, Serialize)]
pub struct TraefikStatus {}

impl TraefikStatus {
    /// What the router serves.
    pub fn serving(&self) -> Serving {
        todo!()
    }
}

impl Traefik {
    /// The engine of the chosen profile.
    pub fn new(_: &Context) -> anyhow::Result<Self> {
        Err(Failure::failed("this version has no engine `traefik` yet")
            .help(
                "add `--set router.engine=embedded` and a `--backend` for each route, \
                 or print Traefik's files with `cargo xtask router render`",
            )
            .into())
    }
}

impl RouterEngine for Traefik {
    fn preflight(&self, _: &Context) -> anyhow::Result<()> {
        todo!()
    }

    fn plan(&self, _: &Context, _: &RoutingTable) -> anyhow::Result<Vec<String>> {
        todo!()
    }

    fn start(&self, _: &Context, _: &RoutingTable) -> anyhow::Result<Change> {
        todo!()
    }

    fn apply(&self, _: &Context, _: &RoutingTable) -> anyhow::Result<Change> {
        todo!()
    }

    fn stop(&self, _: &Context, _: Duration) -> anyhow::Result<Stopped> {
        todo!()
    }

    fn status(&self, _: &Context) -> anyhow::Result<Option<EngineStatus>> {
        todo!()
    }

    fn log(&self) -> LogSource {
        todo!()
    }
}
