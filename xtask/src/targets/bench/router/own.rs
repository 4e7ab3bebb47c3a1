//! The embedded router: this same binary as users run it, in a state directory
//! of its own.
//!
//! Only its session is ours, as that of the other routers: a kernel that
//! groups tasks by session would otherwise favour it or them.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::Context as _;
use routing::{EntryPoint, RoutingTable};

use super::Contender;
use crate::context::Context;
use crate::daemon::{Daemon, Status};
use crate::engine::embedded::{Config, ListenerConfig, NAME, RouterStatus};
use crate::process::Running;

/// The router as a child of ours; it ends when the second is dropped.
pub fn start(cx: &Context, table: &RoutingTable) -> anyhow::Result<(Contender, Running)> {
    let listener = ListenerConfig {
        entry_point: EntryPoint::Https,
        address: (Ipv4Addr::LOCALHOST, 0).into(),
        preferred: None,
    };
    let config = Config { listeners: vec![listener], table: table.clone() };
    let (status, running): (Status<RouterStatus>, _) =
        Daemon::new(cx, NAME).start_attached(cx, NAME, &config)?;
    let listener = status.service.counters.listeners.first().context("the router has no listener")?;
    Ok((Contender { name: "xtask", address: listener.address, pid: status.pid }, running))
}

/// Ends the router of a call that was killed before it could.
pub fn stop_leftover(cx: &Context) -> anyhow::Result<()> {
    Daemon::new(cx, NAME).stop(Duration::ZERO).map(drop)
}
