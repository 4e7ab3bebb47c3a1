//! The embedded engine: this same binary as a daemon around the crate `sni-router`.

mod ports;
mod service;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use routing::{EntryPoint, RoutingTable};
use serde::{Deserialize, Serialize};

pub use service::{RouterService, bind};

use super::{Change, RouterEngine, Serving};
use crate::context::Context;
use crate::daemon::{Daemon, Status, Stopped, Verb};
use crate::failure::Failure;
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

    /// Whether the daemon runs.
    pub fn is_running(&self) -> anyhow::Result<bool> {
        Ok(self.daemon.pid()?.is_some())
    }

    /// Where the daemon writes its log.
    pub fn log_path(&self) -> PathBuf {
        self.daemon.log_path()
    }

    /// Where the profile wants it to listen.
    pub fn wanted_listeners(&self, cx: &Context) -> anyhow::Result<Vec<ListenerConfig>> {
        let router = cx.profile()?.router.as_ref().context("the profile has no router")?;
        let ip = router.bind.resolve()?;
        let remembered = ports::remembered(&self.state);
        let listener = |(&entry_point, &port): (&EntryPoint, &u16)| ListenerConfig {
            entry_point,
            address: SocketAddr::new(ip, port),
            preferred: remembered.get(&entry_point).copied().filter(|_| port == 0),
        };
        Ok(router.ports.iter().map(listener).collect())
    }

    /// Where it would listen, for people.
    pub fn describe_wanted(&self, cx: &Context) -> anyhow::Result<String> {
        let describe = |listener: ListenerConfig| match listener.address.port() {
            0 => format!("a free port of {} ({})", listener.address.ip(), listener.entry_point),
            _ => format!("{} ({})", listener.address, listener.entry_point),
        };
        let listeners: Vec<_> = self.wanted_listeners(cx)?.into_iter().map(describe).collect();
        Ok(listeners.join(" and "))
    }

    /// Fails when the router listens elsewhere than the profile says.
    pub fn check_listeners(&self, cx: &Context, serving: &Serving) -> anyhow::Result<()> {
        for wanted in self.wanted_listeners(cx)? {
            let actual = serving.listeners.get(&wanted.entry_point);
            let port_fits =
                |actual: &SocketAddr| wanted.address.port() == 0 || wanted.address.port() == actual.port();
            if !actual.is_some_and(|actual| actual.ip() == wanted.address.ip() && port_fits(actual)) {
                let actual = actual.map_or("nowhere".to_owned(), ToString::to_string);
                return Err(Failure::failed(format!(
                    "the router's entry point `{}` listens on `{actual}`, but the profile says `{}`",
                    wanted.entry_point, wanted.address
                ))
                .help("run `cargo xtask router restart`; open connections will be drained")
                .into());
            }
        }
        Ok(())
    }
}

impl RouterEngine for Embedded {
    type Status = Status<RouterStatus>;

    fn start(&self, cx: &Context, table: &RoutingTable) -> anyhow::Result<Change> {
        if let Some(serving) = self.serving()? {
            self.check_listeners(cx, &serving)?;
            let changed: bool = self.daemon.call(Verb::Apply { table: table.clone() })?;
            return Ok(if changed { Change::Reloaded } else { Change::Already });
        }
        let config = Config { listeners: self.wanted_listeners(cx)?, table: table.clone() };
        let status: Status<RouterStatus> = self.daemon.start(cx, NAME, &config)?;
        ports::remember(&self.state, &status.service.serving().listeners)?;
        Ok(Change::Started)
    }

    fn stop(&self, drain: Duration) -> anyhow::Result<Stopped> {
        self.daemon.stop(drain)
    }

    fn status(&self) -> anyhow::Result<Option<Self::Status>> {
        self.daemon.status()
    }

    fn serving(&self) -> anyhow::Result<Option<Serving>> {
        Ok(self.status()?.map(|status| status.service.serving()))
    }
}
