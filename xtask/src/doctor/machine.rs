//! What every profile needs of a machine.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use anyhow::Context as _;
use rustix::fs::{Access, access, statvfs};
use rustix::process::{Resource, getrlimit};

use super::{Check, Facts, Seen, Verb, always, is_embedded};
use crate::failure::Failure;
use crate::state::StateDir;

/// Room for the logs of the router and four services, each 4 MiB and as much
/// again set aside, and for keys.
const SPACE_MIB: u64 = 64;
/// Fewer connections than this are soon used up by edge nodes that stay connected.
const CONNECTIONS: usize = 5_000;

pub(super) const PROFILE: Check = Check {
    name: "profile",
    why: "everything is read from it",
    applies: always,
    verbs: &[Verb::Kind, Verb::Metallb, Verb::Router, Verb::Up],
    look: profile,
};
pub(super) const STATE_DIRECTORY: Check = Check {
    name: "state directory",
    why: "sockets, logs and keys go there",
    applies: always,
    verbs: &[Verb::Kind, Verb::Metallb, Verb::Router, Verb::Up],
    look: state_directory,
};
pub(super) const SOCKETS: Check = Check {
    name: "sockets",
    why: "what runs in the background is asked through them",
    applies: always,
    verbs: &[Verb::Router, Verb::Up],
    look: sockets,
};
pub(super) const LOOPBACK: Check = Check {
    name: "loopback",
    why: "the stand-in services listen there",
    applies: is_embedded,
    verbs: &[Verb::Router, Verb::Up],
    look: loopback,
};
pub(super) const OPEN_FILES: Check = Check {
    name: "open files",
    why: "each connection takes two",
    applies: is_embedded,
    verbs: &[Verb::Router, Verb::Up],
    look: open_files,
};
pub(super) const PROCESS_TABLE: Check = Check {
    name: "process table",
    why: "it names the process that has a port",
    applies: |_| cfg!(target_os = "linux"),
    verbs: &[Verb::Router, Verb::Up],
    look: process_table,
};

fn profile(facts: &Facts<'_>) -> anyhow::Result<Seen> {
    let profile = facts.cx.profile()?;
    Ok(Seen::good(format!("`{}` is valid, with {} routes", profile.name, profile.routes.len())))
}

fn state_directory(facts: &Facts<'_>) -> anyhow::Result<Seen> {
    let wanted = facts.cx.state_dir();
    let folder = nearest(&wanted);
    writable(folder)?;
    let disk =
        statvfs(folder).with_context(|| format!("cannot look at the disk of `{}`", folder.display()))?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize) >> 20;
    let found = format!("`{}` can be written, with {free} MiB free of {SPACE_MIB} needed", wanted.display());
    if free >= SPACE_MIB {
        return Ok(Seen::good(found));
    }
    let message = format!("the disk of `{}` has {free} MiB free; {SPACE_MIB} are needed", folder.display());
    Err(Failure::missing(message)
        .help(format!("make room: `du -xh --max-depth=2 {} | sort -h`", facts.cx.root().display()))
        .into())
}

fn sockets(facts: &Facts<'_>) -> anyhow::Result<Seen> {
    let state = StateDir::of(facts.cx);
    let socket = state.socket("router.sock");
    if socket.starts_with(state.path()) {
        return Ok(Seen::good(format!("`{}` is short enough for the kernel", socket.display())));
    }
    let folder = socket.parent().unwrap_or(&socket);
    writable(nearest(folder)).context(
        Failure::missing(
            "the workspace's path is too long for sockets, and there is no other place for them",
        )
        .help("set XDG_RUNTIME_DIR to a folder of your own with a short path"),
    )?;
    let found = format!("the workspace's path is too long for them, so they go to `{}`", folder.display());
    Ok(Seen::good(found))
}

fn loopback(_: &Facts<'_>) -> anyhow::Result<Seen> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    listener.context(
        Failure::missing("no port can be bound on `127.0.0.1`").help("run `sudo ip link set lo up`"),
    )?;
    Ok(Seen::good("ports can be bound on `127.0.0.1`"))
}

#[expect(clippy::unnecessary_wraps, reason = "other checks fail")]
fn open_files(_: &Facts<'_>) -> anyhow::Result<Seen> {
    // The router raises its own limit as far as it may.
    let most = getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
    let connections = sni_router::connections_within(most);
    let found = format!("at most {connections} connections at one time");
    if connections >= CONNECTIONS {
        return Ok(Seen::good(found));
    }
    let mend = format!("run `ulimit -n {}` in a shell that may, before `up`", 4 * CONNECTIONS);
    Ok(Seen::warning(found, mend))
}

#[expect(clippy::unnecessary_wraps, reason = "other checks fail")]
fn process_table(_: &Facts<'_>) -> anyhow::Result<Seen> {
    if Path::new("/proc/self/fd").is_dir() {
        return Ok(Seen::good("`/proc` is mounted"));
    }
    Ok(Seen::warning("`/proc` is not mounted", "run `sudo mount -t proc proc /proc`"))
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
