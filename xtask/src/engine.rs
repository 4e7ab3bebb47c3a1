//! Router engines: what can stand at the entrance and route by SNI.

pub mod bind;
pub mod embedded;
pub mod traefik;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use routing::{EntryPoint, Listeners, RoutingTable};
use serde::Serialize;

use crate::context::Context;
use crate::daemon::{Status, Stopped};
use crate::failure::Failure;
use crate::lock::Lock;
use crate::profile::Engine;
use crate::sandbox::Scheme;
use embedded::{Embedded, RouterStatus};
use traefik::{Traefik, TraefikStatus};

/// How long another call may take to give the router its table.
const PATIENCE: Duration = Duration::from_mins(1);

/// What to do about a router that was started with other settings.
pub const OTHERWISE: &str = "run `cargo xtask router restart` with what shall change, or `router stop`, then `start`; \
                             open connections will be drained";

/// A router that can be started, changed and stopped.
pub trait RouterEngine {
    /// Where it would listen, as far as can be told before.
    fn likely_listeners(&self, cx: &Context) -> anyhow::Result<Listeners> {
        wanted_listeners(cx)
    }

    /// Fails on whatever would keep it from starting; makes nothing.
    fn preflight(&self, cx: &Context) -> anyhow::Result<()>;

    /// Gets whatever a start needs that can be had before, such as an image, and
    /// fails on what cannot. It does not matter whether the router runs.
    fn provide(&self, cx: &Context) -> anyhow::Result<()>;

    /// What a start would do beyond listening and routing, for a dry run.
    fn plan(&self, cx: &Context, table: &RoutingTable) -> anyhow::Result<Vec<String>>;

    /// Returns when every listener accepts and the table is in force. One that
    /// runs gets the table; it fails if that runs with other settings.
    fn start(&self, cx: &Context, table: &RoutingTable) -> anyhow::Result<Change>;

    /// Gives a running router another table, and returns when that is in
    /// force. Fails when it does not run.
    fn apply(&self, cx: &Context, table: &RoutingTable) -> anyhow::Result<Change>;

    /// Ends it; open connections may take until `drain` has passed.
    fn stop(&self, cx: &Context, drain: Duration) -> anyhow::Result<Stopped>;

    /// `None` when there is nothing of it. One that is there need not run.
    fn status(&self, cx: &Context) -> anyhow::Result<Option<EngineStatus>>;

    /// Where its log is read.
    fn log(&self) -> LogSource;

    /// The table in force and where it listens; `None` when it does not run.
    fn serving(&self, cx: &Context) -> anyhow::Result<Option<Serving>> {
        Ok(self.status(cx)?.and_then(|status| status.serving()))
    }
}

/// What an engine tells of itself.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "engine", rename_all = "lowercase")]
pub enum EngineStatus {
    /// The daemon's.
    Embedded(Status<RouterStatus>),
    /// The container's.
    Traefik(TraefikStatus),
}

/// Where a router's log is read.
#[derive(Clone, Debug)]
pub enum LogSource {
    /// A file of JSON lines.
    File(PathBuf),
    /// A container that Docker knows by this name or id.
    Container(String),
}

/// What a running router serves, whatever its engine.
#[derive(Clone, Debug)]
pub struct Serving {
    /// Where it listens.
    pub listeners: Listeners,
    /// What it routes by.
    pub table: RoutingTable,
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

/// Gives the router a table while nobody else does: of two at once, one would
/// wait for what the other has replaced.
pub fn exclusively<T>(cx: &Context, change: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    let path = cx.state_root().join(format!("{}.table.lock", cx.choice.name));
    let _lock = Lock::acquire(&path, cx.deadline.or(PATIENCE), &cx.interrupt, |_| ())?;
    change()
}

/// The engine that the profile names.
pub fn of(cx: &Context) -> anyhow::Result<Box<dyn RouterEngine>> {
    Ok(match &cx.profile()?.router()?.engine {
        Engine::Embedded => {
            // It ends no TLS: whoever asks for that is told.
            cx.sandbox().map(|request| Scheme::new(cx.profile()?, request)).transpose()?;
            Box::new(Embedded::new(cx))
        }
        Engine::Traefik(_) => Box::new(Traefik::new(cx)?),
    })
}

/// Where the profile wants the router to listen.
pub fn wanted_listeners(cx: &Context) -> anyhow::Result<Listeners> {
    let router = cx.profile()?.router()?;
    let ip: IpAddr = router.bind.resolve()?;
    Ok(router.ports.iter().map(|(&point, &port)| (point, SocketAddr::new(ip, port))).collect())
}

/// For people: where the profile wants it to listen.
pub fn describe_wanted(cx: &Context) -> anyhow::Result<String> {
    let describe = |(point, address): (EntryPoint, SocketAddr)| match address.port() {
        0 => format!("a free port of {} ({point})", address.ip()),
        _ => format!("{address} ({point})"),
    };
    Ok(wanted_listeners(cx)?.into_iter().map(describe).collect::<Vec<_>>().join(" and "))
}

/// Fails when a running router listens elsewhere than the profile says.
pub fn check_listeners(cx: &Context, actual: &Listeners) -> anyhow::Result<()> {
    for (point, wanted) in wanted_listeners(cx)? {
        let actual = actual.get(&point);
        let port_fits = |actual: &SocketAddr| wanted.port() == 0 || wanted.port() == actual.port();
        if !actual.is_some_and(|actual| actual.ip() == wanted.ip() && port_fits(actual)) {
            let actual = actual.map_or("nowhere".to_owned(), ToString::to_string);
            return Err(Failure::failed(format!(
                "the router's entry point `{point}` listens on `{actual}`, but the profile says `{wanted}`"
            ))
            .help(OTHERWISE)
            .into());
        }
    }
    Ok(())
}

/// What of the chosen profile's router runs beside our own daemons, in words;
/// asked whatever the user or the time limit says.
pub fn left_running(cx: &Context) -> Option<String> {
    match &cx.profile().ok()?.router.as_ref()?.engine {
        Engine::Embedded => None,
        Engine::Traefik(_) => Traefik::new(cx).ok()?.left_running(cx),
    }
}

impl EngineStatus {
    /// What the router serves; `None` when it does not run.
    pub fn serving(&self) -> Option<Serving> {
        match self {
            Self::Embedded(status) => Some(status.service.serving()),
            Self::Traefik(status) => status.serving(),
        }
    }

    /// Whether connections are taken.
    pub fn is_running(&self) -> bool {
        match self {
            Self::Embedded(_) => true,
            Self::Traefik(status) => status.container.is_running(),
        }
    }
}

impl Serving {
    /// For people: where it listens.
    pub fn describe(&self) -> String {
        let listeners = self.listeners.iter().map(|(point, address)| format!("{point} {address}"));
        listeners.collect::<Vec<_>>().join(", ")
    }
}
