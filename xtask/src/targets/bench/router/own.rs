//! The embedded router: this same binary as users run it, in a state directory
//! of its own.
//!
//! Only its session is ours, as that of the other routers: a kernel that
//! groups tasks by session would otherwise favour it or them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::Context as _;
use routing::{EntryPoint, RoutingTable};

use super::Contender;
use crate::context::Context;
use crate::daemon::{Daemon, Ready, Status};
use crate::engine::embedded::{Config, ListenerConfig, NAME, RouterStatus};
use crate::failure::Failure;
use crate::process::{Program, Running};

/// The router as a child of ours; it ends when the second is dropped.
pub fn start(cx: &Context, table: &RoutingTable) -> anyhow::Result<(Contender, Running)> {
    let listener = ListenerConfig {
        entry_point: EntryPoint::Https,
        address: (Ipv4Addr::LOCALHOST, 0).into(),
        preferred: None,
    };
    let config = Config { listeners: vec![listener], table: table.clone() };
    let config = serde_json::to_vec(&config).context("cannot write the router's configuration")?;
    let (running, mut pipes) = program(cx)?.start_piped(cx)?;
    pipes.stdin.write_all(&config).context("cannot hand the router its configuration")?;
    drop(pipes.stdin);
    let mut ready = String::new();
    BufReader::new(pipes.stdout).read_line(&mut ready).context("cannot read from the router")?;
    cx.interrupt.check()?;
    let ready: Ready<Status<RouterStatus>> =
        serde_json::from_str(&ready).context(Failure::failed("the router ended before it served"))?;
    let status = match ready {
        Ready::Serving(status) => status,
        Ready::Failed(failed) => return Err(failed.into_error()),
    };
    let listener = status.service.counters.listeners.first().context("the router has no listener")?;
    Ok((Contender { name: "xtask", address: listener.address, pid: status.pid }, running))
}

/// Ends the router of a call that was killed before it could.
pub fn stop_leftover(cx: &Context) -> anyhow::Result<()> {
    Daemon::new(cx, NAME).stop(Duration::ZERO).map(drop)
}

fn program(cx: &Context) -> anyhow::Result<Program> {
    let own = std::env::current_exe().context("cannot find this program's own file")?;
    Ok(Program::new(own)
        .args(["daemon", NAME, "--name", NAME, "--profile", &cx.choice.name])
        .variable("CARGO_MANIFEST_DIR", cx.root().join("xtask")))
}
