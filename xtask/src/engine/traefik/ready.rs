//! Waits until Traefik serves a table, or it is known why it will not.

use std::io::{ErrorKind, Read as _};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use bollard::Docker as Client;
use routing::RoutingTable;

use super::api;
use super::container::{Container, Owner};
use super::files::File;
use super::log;
use super::served::{External, Served, Verdict};
use crate::context::Context;
use crate::docker::Docker;
use crate::failure::Failure;

/// How long Traefik may take, when `--timeout` says nothing.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(20);
/// How long a listener may take to accept a connection: it is on this machine.
const ACCEPTS: Duration = Duration::from_secs(1);
/// How long a connection must stay open to be Traefik's: one that Docker
/// takes in its place is closed as soon as Traefik turns out not to listen.
const STAYS: Duration = Duration::from_millis(100);
/// How many of its last words are shown of a container that ended.
const LAST_WORDS: usize = 10;

/// Returns when the container runs and `table` is in force, with the names of
/// the sandbox as `routes`, the file of routes, has them.
pub fn wait(
    cx: &Context,
    docker: &Docker,
    owner: &Owner,
    table: &RoutingTable,
    routes: &File,
) -> anyhow::Result<()> {
    let wanted = Served::from_file(&routes.content)?;
    let limit = cx.deadline.or(PATIENCE);
    let mut pending = "the container is not there".to_owned();
    loop {
        let what = format!("Traefik: {pending}");
        let found = docker.ask(cx, limit, &what, async |client: Client| owner.find(&client).await)?;
        let container = found.with_context(|| Failure::failed("somebody removed the router's container"))?;
        if container.has_ended() {
            return Err(ended(cx, docker, &container));
        }
        let missing = match container.api_port() {
            _ if !container.is_running() => Some("the container does not run".to_owned()),
            Some(port) => missing(port, table, wanted.external())?,
            None => silent_listener(cx, &container, limit)?,
        };
        match missing {
            None => return Ok(()),
            // The next look ends when the time is up, or the user interrupts.
            Some(missing) => pending = missing,
        }
        thread::sleep(LOOK);
    }
}

/// What is yet to come.
fn missing(port: u16, table: &RoutingTable, external: &External) -> anyhow::Result<Option<String>> {
    let served = match api::served(port) {
        Ok(served) => served,
        Err(error) => return Ok(Some(format!("{error:#}"))),
    };
    match served.verdict(table, external) {
        Verdict::InForce => Ok(None),
        Verdict::NotYet(what) => Ok(Some(what)),
        Verdict::Refused(why) => {
            Err(Failure::failed(why).help("look at `cargo xtask router status` and `router logs`").into())
        }
    }
}

/// Where Traefik's API cannot be reached: a listener that does not keep its
/// connections yet. The routes behind it are for a handshake to prove.
fn silent_listener(cx: &Context, container: &Container, limit: Instant) -> anyhow::Result<Option<String>> {
    for address in container.listeners().into_values() {
        cx.interrupt.check()?;
        if !stays_open(address, limit) {
            return Ok(Some(format!("`{address}` does not take connections")));
        }
    }
    Ok(None)
}

fn stays_open(address: SocketAddr, limit: Instant) -> bool {
    let left = limit.saturating_duration_since(Instant::now()).min(ACCEPTS);
    // Without time left that is an error.
    let Ok(mut stream) = TcpStream::connect_timeout(&address, left) else { return false };
    let read = stream.set_read_timeout(Some(STAYS)).and_then(|()| stream.read(&mut [0]));
    read.is_err_and(|error| [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind()))
}

/// Why a container that ended did so, as far as it says.
fn ended(cx: &Context, docker: &Docker, container: &Container) -> anyhow::Error {
    let said = log::last(cx, docker, &container.id, LAST_WORDS).unwrap_or_default();
    let code = container.exit_code.map_or(String::new(), |code| format!(" with exit code {code}"));
    let failure = Failure::failed(format!("Traefik ended{code} before it served the routes"))
        .help("mend what its last words name, then run `cargo xtask router start`");
    match said.as_slice() {
        [] => failure.into(),
        words => anyhow::anyhow!(words.join("\n")).context(failure),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_listener_that_keeps_its_connections_is_one() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let later = Instant::now() + PATIENCE;
        assert!(stays_open(address, later));
        assert!(!stays_open(address, Instant::now()), "there is no time left");
        let closes = thread::spawn(move || listener.incoming().take(2).for_each(drop));
        // The first is still in the queue, from above.
        assert!(!stays_open(address, later));
        closes.join().unwrap();
        assert!(!stays_open(address, later), "nobody listens");
    }
}
