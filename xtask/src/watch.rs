//! Follows the cluster: a daemon that gives the router its new table whenever
//! an address or the host list changes.

mod memory;
mod service;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::context::{Context, Launch};
use crate::daemon::{Daemon, Status, Stopped};
use crate::discovery::{self, Pending};
use crate::profile::Kubernetes;

pub use service::WatchService;

/// Name of the daemon, its lock, socket and log.
pub const NAME: &str = "watch";

/// What the daemon tells of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WatchStatus {
    /// The launch of the router that it follows.
    pub launch: Launch,
    /// How often the table changed since it started.
    pub changes: u64,
    /// When it last did (RFC 3339, UTC).
    pub changed: Option<String>,
    /// Routes without a backend, and why.
    pub pending: Vec<Pending>,
    /// What is odd in the cluster.
    pub warnings: Vec<String>,
    /// Why it does not know better, or the router does not take its table.
    pub trouble: Option<String>,
}

/// The daemon of the chosen profile.
pub fn daemon(cx: &Context) -> Daemon {
    Daemon::new(cx, NAME)
}

/// Its status; `None` when it does not run.
pub fn status(cx: &Context) -> anyhow::Result<Option<Status<WatchStatus>>> {
    daemon(cx).status()
}

/// Whether the router that was launched asks a cluster for anything.
pub fn has_cause(cx: &Context) -> anyhow::Result<bool> {
    Launch::last(cx)?.map_or(Ok(false), |launch| asks_for_something(cx, &launch))
}

fn asks_for_something(cx: &Context, launch: &Launch) -> anyhow::Result<bool> {
    let profile = cx.profile()?;
    let wanted = discovery::wanted(profile, &profile.backends(&launch.backends)?);
    Ok(profile.kubernetes != Kubernetes::None && !wanted.services.is_empty())
}

/// Starts it, unless it runs or the cluster is not asked for anything. Returns
/// its process.
pub fn start(cx: &Context, launch: &Launch) -> anyhow::Result<Option<u32>> {
    if !asks_for_something(cx, launch)? {
        return Ok(None);
    }
    let daemon = daemon(cx);
    if let Some(pid) = daemon.pid()? {
        return Ok(Some(pid));
    }
    let status: Status<WatchStatus> = daemon.start(cx, NAME, launch)?;
    Ok(Some(status.pid))
}

/// Whether it runs, by this build, and has no trouble.
pub fn is_well(cx: &Context) -> anyhow::Result<bool> {
    Ok(status(cx)?.is_some_and(|status| status.is_current() && status.service.trouble.is_none()))
}

/// Ends it, if it runs.
pub fn stop(cx: &Context) -> anyhow::Result<Stopped> {
    daemon(cx).stop(Duration::ZERO)
}

/// Ends it unless it follows for this very launch, by this very build, without
/// trouble: a cluster made anew has another certificate. Says whether one was ended.
pub fn stop_unless(cx: &Context, launch: Option<&Launch>) -> anyhow::Result<bool> {
    let fits = |status: &Status<WatchStatus>| {
        status.is_current() && status.service.trouble.is_none() && Some(&status.service.launch) == launch
    };
    // One that cannot tell is ended as well.
    if status(cx).is_ok_and(|status| status.as_ref().is_some_and(fits)) {
        return Ok(false);
    }
    Ok(stop(cx)? != Stopped::Already)
}
