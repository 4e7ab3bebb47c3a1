//! The embedded engine: this same binary as a daemon around the crate `sni-router`.

mod ports;
mod service;

use std::net::SocketAddr;
use std::time::Duration;

use routing::{EntryPoint, Listeners, RoutingTable};
use serde::{Deserialize, Serialize};

pub use service::{RouterService, bind};

use super::{Change, EngineStatus, LogSource, RouterEngine, Serving};
use crate::context::Context;
use crate::daemon::{Daemon, Status, Stopped, Verb};
use crate::state::StateDir;

/// Name of the daemon, its lock, socket and log.
pub const NAME: &str = "router";

/// The embedded router of a profile.
#[derive(Clone, Debug)]
pub struct Embedded {
    daemon: Daemon,
    state: StateDir,
}

/// What the daemon is given.
#[derive(Debug, Serialize, Deserialize)]
pub struct Config {
    /// Where to listen.
    pub listeners: Vec<ListenerConfig>,
    /// What to route by.
    pub table: RoutingTable,
}

/// A listener to be.
#[derive(Debug, Serialize, Deserialize)]
pub struct ListenerConfig {
    /// What it is for.
    pub entry_point: EntryPoint,
    /// Where; port 0 is any free one.
    pub address: SocketAddr,
    /// A port to prefer when any will do: the one of the last time.
    pub preferred: Option<u16>,
}

impl ListenerConfig {
    /// Where it will be, unless that port is taken by then.
    pub fn likely(&self) -> SocketAddr {
        SocketAddr::new(self.address.ip(), self.preferred.unwrap_or(self.address.port()))
    }
}

/// What the daemon tells of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RouterStatus {
    /// What it routes by.
    pub table: RoutingTable,
    /// Its counters.
    pub counters: sni_router::Snapshot,
}

impl RouterStatus {
    /// What the router serves.
    pub fn serving(&self) -> Serving {
        let listeners = self.counters.listeners.iter().map(|it| (it.entry_point, it.address));
        Serving { listeners: listeners.collect(), table: self.table.clone() }
    }
}

impl Embedded {
    /// The embedded router of the chosen profile.
    pub fn new(cx: &Context) -> Self {
        Self { daemon: Daemon::new(cx, NAME), state: StateDir::of(cx) }
    }

    /// Where to listen; with the port of the last time, where any will do.
    fn listeners(&self, cx: &Context) -> anyhow::Result<Vec<ListenerConfig>> {
        let remembered = ports::remembered(&self.state);
        let listener = |(entry_point, address): (EntryPoint, SocketAddr)| ListenerConfig {
            entry_point,
            address,
            preferred: remembered.get(&entry_point).copied().filter(|_| address.port() == 0),
        };
        Ok(super::wanted_listeners(cx)?.into_iter().map(listener).collect())
    }
}

impl RouterEngine for Embedded {
    fn likely_listeners(&self, cx: &Context) -> anyhow::Result<Listeners> {
        let listeners = self.listeners(cx)?;
        Ok(listeners.iter().map(|listener| (listener.entry_point, listener.likely())).collect())
    }

    /// One that does not run shall find its ports free.
    fn preflight(&self, cx: &Context) -> anyhow::Result<()> {
        if self.daemon.pid()?.is_none() {
            self.listeners(cx)?.iter().try_for_each(|listener| bind(listener).map(drop))?;
        }
        Ok(())
    }

    /// It has everything.
    fn provide(&self, _: &Context) -> anyhow::Result<()> {
        Ok(())
    }

    fn plan(&self, _: &Context, _: &RoutingTable) -> anyhow::Result<Vec<String>> {
        Ok(vec![format!("start `xtask daemon {NAME} --name {NAME}`")])
    }

    fn start(&self, cx: &Context, table: &RoutingTable) -> anyhow::Result<Change> {
        if let Some(serving) = self.serving(cx)? {
            super::check_listeners(cx, &serving.listeners)?;
            return self.apply(cx, table);
        }
        let config = Config { listeners: self.listeners(cx)?, table: table.clone() };
        let status: Status<RouterStatus> = self.daemon.start(cx, NAME, &config)?;
        ports::remember(&self.state, &status.service.serving().listeners)?;
        Ok(Change::Started)
    }

    fn apply(&self, _: &Context, table: &RoutingTable) -> anyhow::Result<Change> {
        let changed: bool = self.daemon.call(Verb::Apply { table: table.clone() })?;
        Ok(if changed { Change::Reloaded } else { Change::Already })
    }

    fn stop(&self, _: &Context, drain: Duration) -> anyhow::Result<Stopped> {
        self.daemon.stop(drain)
    }

    fn status(&self, _: &Context) -> anyhow::Result<Option<EngineStatus>> {
        Ok(self.daemon.status()?.map(EngineStatus::Embedded))
    }

    fn log(&self) -> LogSource {
        LogSource::File(self.daemon.log_path())
    }
}
