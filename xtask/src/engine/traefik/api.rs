//! Traefik's API on loopback.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::Context as _;
use ureq::Agent;

use super::served::Served;

/// How long an answer may take: it comes from this machine, out of memory.
const PATIENCE: Duration = Duration::from_secs(2);
/// Longest answer, in bytes: some thousand hosts are a few hundred thousand.
const MAX_ANSWER: u64 = 64 << 20;

/// Where it is.
pub fn address(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// What Traefik serves, all of one moment. The API itself is a router of the
/// file of routes: without that file there is none, and nothing is served.
pub fn served(port: u16) -> anyhow::Result<Served> {
    // A proxy of the environment is not the way to loopback.
    let config = Agent::config_builder().proxy(None).timeout_global(Some(PATIENCE)).build();
    let url = format!("http://{}/api/rawdata", address(port));
    let silent = || format!("Traefik's API does not answer at `{url}`");
    let mut answer = match Agent::new_with_config(config).get(&url).call() {
        Err(ureq::Error::StatusCode(404)) => return Ok(Served::default()),
        answer => answer.with_context(silent)?,
    };
    let body = answer.body_mut().with_config().limit(MAX_ANSWER).read_to_vec().with_context(silent)?;
    Served::from_api(&body)
}
