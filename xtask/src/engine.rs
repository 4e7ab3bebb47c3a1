//! Router engines: what can stand at the entrance and route by SNI.

pub mod embedded;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use routing::{EntryPoint, RoutingTable};
use serde::Serialize;

use crate::context::Context;
use crate::daemon::Stopped;
use crate::failure::Failure;
use crate::profile::Engine;
use embedded::Embedded;

/// A router that can be started, changed and stopped.
pub trait RouterEngine {
    /// What the engine tells of itself.
    type Status: Serialize;

    /// Returns when every listener accepts and the table is in force.
    fn start(&self, cx: &Context, table: &RoutingTable) -> anyhow::Result<Change>;

    /// Ends it; open connections may take until `drain` has passed.
    fn stop(&self, drain: Duration) -> anyhow::Result<Stopped>;

    /// `None` when it does not run.
    fn status(&self) -> anyhow::Result<Option<Self::Status>>;

    /// The table in force and where it listens; `None` when it does not run.
    fn serving(&self) -> anyhow::Result<Option<Serving>>;
}

/// What a running router serves, whatever its engine.
#[derive(Clone, Debug)]
pub struct Serving {
    /// Where it listens.
    pub listeners: BTreeMap<EntryPoint, SocketAddr>,
    /// What it routes by.
    pub table: RoutingTable,
}

impl Serving {
    /// For people: where it listens.
    pub fn describe(&self) -> String {
        let listeners = self.listeners.iter().map(|(point, address)| format!("{point} {address}"));
        listeners.collect::<Vec<_>>().join(", ")
    }
}

/// What [`RouterEngine::start`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It was not running.
    Started,
    /// It ran with another table.
    Reloaded,
    /// It ran with this table.
    Already,
}

/// The engine that the profile names.
pub fn of(cx: &Context) -> anyhow::Result<Embedded> {
    match cx.profile()?.router()?.engine {
        Engine::Embedded => Ok(Embedded::new(cx)),
        // Started with `--set router.engine=embedded`: it can be asked and stopped without.
        Engine::Traefik(_) if Embedded::new(cx).is_running()? => Ok(Embedded::new(cx)),
        Engine::Traefik(_) => Err(Failure::failed("this version has no engine `traefik` yet")
            .help(
                "add `--set router.engine=embedded` and a `--backend` for each route, \
                 or print Traefik's files with `cargo xtask router render`",
            )
            .into()),
    }
}
