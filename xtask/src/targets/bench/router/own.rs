//! The embedded router as users run it: this same binary as a daemon, in a
//! state directory of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::Context as _;
use routing::{EntryPoint, RoutingTable};

use super::Contender;
use crate::context::Context;
use crate::daemon::{Daemon, Status};
use crate::engine::embedded::{Config, ListenerConfig, NAME, RouterStatus};
use crate::interrupt::Interrupt;
use crate::report::Reporter;

/// The daemon; ended when this is dropped.
pub struct OwnRouter {
    daemon: Daemon,
    reporter: Reporter,
    address: SocketAddr,
    pid: u32,
}

impl OwnRouter {
    /// Returns when it serves.
    pub fn start(cx: &Context, table: &RoutingTable) -> anyhow::Result<Self> {
        let listener = ListenerConfig {
            entry_point: EntryPoint::Https,
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            preferred: None,
        };
        let config = Config { listeners: vec![listener], table: table.clone() };
        let status: Status<RouterStatus> = Daemon::new(cx, NAME).start(cx, NAME, &config)?;
        let listener = status.service.counters.listeners.first().context("the router has no listener")?;
        Ok(Self {
            daemon: daemon(cx),
            reporter: cx.reporter.clone(),
            address: listener.address,
            pid: status.pid,
        })
    }

    pub fn contender(&self) -> Contender {
        Contender { name: "xtask", address: self.address, pid: self.pid }
    }
}

impl Drop for OwnRouter {
    fn drop(&mut self) {
        if let Err(error) = self.daemon.stop(Duration::ZERO) {
            self.reporter.warn(&format!("{error:#}"));
        }
    }
}

/// Ends the daemon of a call that was killed before it could.
pub fn stop_leftover(cx: &Context) -> anyhow::Result<()> {
    daemon(cx).stop(Duration::ZERO).map(drop)
}

/// The daemon as it is stopped: an interrupt must not cut that short.
fn daemon(cx: &Context) -> Daemon {
    let mut cx = cx.apart(&cx.choice.name);
    cx.interrupt = Interrupt::default();
    Daemon::new(&cx, NAME)
}
