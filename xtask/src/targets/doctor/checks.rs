//! What is looked at, and how.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use anyhow::Context as _;
use cluster::Last;
use rustix::fs::{Access, access, statvfs};
use rustix::process::{Resource, getrlimit};

use super::{Check, Seen};
use crate::context::Context;
use crate::discovery;
use crate::engine;
use crate::failure::Failure;
use crate::launch;
use crate::profile::{Engine, Kubernetes};
use crate::state::StateDir;

/// Room for the logs of the router and four services, each 4 MiB and as much
/// again set aside, and for keys.
const SPACE_MIB: u64 = 64;
/// Fewer connections than this are soon used up by edge nodes that stay connected.
const CONNECTIONS: usize = 5_000;

pub(super) const ALL: &[Check] = &[
    Check { name: "profile", why: "everything is read from it", applies: always, look: profile },
    Check {
        name: "state directory",
        why: "sockets, logs and keys go there",
        applies: always,
        look: state_directory,
    },
    Check {
        name: "sockets",
        why: "what runs in the background is asked through them",
        applies: always,
        look: sockets,
    },
    Check {
        name: "loopback",
        why: "the stand-in services listen there",
        applies: is_embedded,
        look: loopback,
    },
    Check {
        name: "listeners",
        why: "the router takes connections there",
        applies: has_router,
        look: listeners,
    },
    Check {
        name: "cluster",
        why: "it names the load balancers' addresses and the hosts",
        applies: has_cluster,
        look: cluster,
    },
    Check { name: "open files", why: "each connection takes two", applies: is_embedded, look: open_files },
    Check {
        name: "process table",
        why: "it names the process that has a port",
        applies: |_| cfg!(target_os = "linux"),
        look: process_table,
    },
];

fn good(found: impl Into<String>) -> Seen {
    Seen { found: found.into(), advice: None }
}

fn better(found: impl Into<String>, advice: impl Into<String>) -> Seen {
    Seen { found: found.into(), advice: Some(advice.into()) }
}

fn always(_: &Context) -> bool {
    true
}

fn has_router(cx: &Context) -> bool {
    cx.profile().is_ok_and(|profile| profile.router.is_some())
}

fn has_cluster(cx: &Context) -> bool {
    cx.profile().is_ok_and(|profile| profile.kubernetes != Kubernetes::None)
}

fn cluster(cx: &Context) -> anyhow::Result<Seen> {
    let seen = discovery::observe(cx)?;
    let there = seen.services.values().filter(|service| matches!(service.last, Last::There(_))).count();
    Ok(good(format!("it answers, and has {there} of the {} services that routes name", seen.services.len())))
}

/// Whether this program itself runs the router.
fn is_embedded(cx: &Context) -> bool {
    let router = cx.profile().ok().and_then(|profile| profile.router.as_ref());
    router.is_some_and(|router| matches!(router.engine, Engine::Embedded))
}

fn profile(cx: &Context) -> anyhow::Result<Seen> {
    let profile = cx.profile()?;
    Ok(good(format!("`{}` is valid, with {} routes", profile.name, profile.routes.len())))
}

fn state_directory(cx: &Context) -> anyhow::Result<Seen> {
    let wanted = cx.state_dir();
    let folder = nearest(&wanted);
    writable(folder)?;
    let disk =
        statvfs(folder).with_context(|| format!("cannot look at the disk of `{}`", folder.display()))?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize) >> 20;
    let found = format!("`{}` can be written, with {free} MiB free of {SPACE_MIB} needed", wanted.display());
    if free >= SPACE_MIB {
        return Ok(good(found));
    }
    let message = format!("the disk of `{}` has {free} MiB free; {SPACE_MIB} are needed", folder.display());
    Err(Failure::missing(message)
        .help(format!("make room: `du -xh --max-depth=2 {} | sort -h`", cx.root().display()))
        .into())
}

fn sockets(cx: &Context) -> anyhow::Result<Seen> {
    let state = StateDir::of(cx);
    let socket = state.socket("router.sock");
    if socket.starts_with(state.path()) {
        return Ok(good(format!("`{}` is short enough for the kernel", socket.display())));
    }
    let folder = socket.parent().unwrap_or(&socket);
    writable(nearest(folder)).context(
        Failure::missing(
            "the workspace's path is too long for sockets, and there is no other place for them",
        )
        .help("set XDG_RUNTIME_DIR to a folder of your own with a short path"),
    )?;
    Ok(good(format!("the workspace's path is too long for them, so they go to `{}`", folder.display())))
}

fn loopback(_: &Context) -> anyhow::Result<Seen> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    listener.context(
        Failure::missing("no port can be bound on `127.0.0.1`").help("run `sudo ip link set lo up`"),
    )?;
    Ok(good("ports can be bound on `127.0.0.1`"))
}

fn listeners(cx: &Context) -> anyhow::Result<Seen> {
    let cx = &launch::resume(cx)?;
    let router = engine::of(cx)?;
    if let Some(serving) = router.serving(cx)? {
        engine::check_listeners(cx, &serving.listeners)?;
        return Ok(good(format!("the router listens already: {}", serving.describe())));
    }
    router.preflight(cx)?;
    Ok(good(format!("the router can listen on {}", engine::describe_wanted(cx)?)))
}

#[expect(clippy::unnecessary_wraps, reason = "other checks fail")]
fn open_files(_: &Context) -> anyhow::Result<Seen> {
    // The router raises its own limit as far as it may.
    let most = getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
    let connections = sni_router::connections_within(most);
    let found = format!("at most {connections} connections at one time");
    if connections >= CONNECTIONS {
        return Ok(good(found));
    }
    Ok(better(found, format!("run `ulimit -n {}` in a shell that may, before `up`", 4 * CONNECTIONS)))
}

#[expect(clippy::unnecessary_wraps, reason = "other checks fail")]
fn process_table(_: &Context) -> anyhow::Result<Seen> {
    if Path::new("/proc/self/fd").is_dir() {
        return Ok(good("`/proc` is mounted"));
    }
    Ok(better("`/proc` is not mounted", "run `sudo mount -t proc proc /proc`"))
}

/// The folder itself or the nearest one above it that exists.
fn nearest(folder: &Path) -> &Path {
    folder.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/"))
}

fn writable(folder: &Path) -> anyhow::Result<()> {
    access(folder, Access::WRITE_OK | Access::EXEC_OK).with_context(|| {
        Failure::missing(format!("`{}` cannot be written", folder.display())).help(format!(
            "run `sudo chown $USER {}`, or see whether its disk is mounted read-only",
            folder.display()
        ))
    })
}
