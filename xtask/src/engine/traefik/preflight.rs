//! Looks for whatever would keep the container from starting.

use std::io::ErrorKind;
use std::net::SocketAddr;

use anyhow::Context as _;
use bollard::Docker as Client;

use super::container::Container;
use super::{NETWORK, api};
use crate::context::Context;
use crate::docker::{Docker, PATIENCE, is_absent};
use crate::engine::bind::{cannot_bind, other_port};
use crate::engine::wanted_listeners;
use crate::failure::Failure;
use crate::ports;
use crate::profile::{Network, TraefikProfile};

/// Fails when the network that the container shall be in is absent.
pub fn check_network(cx: &Context, docker: &Docker, traefik: &TraefikProfile) -> anyhow::Result<()> {
    if traefik.network == Network::Host {
        return Ok(());
    }
    docker.ask(cx, cx.deadline.or(PATIENCE), "Docker", async |client: Client| {
        match client.inspect_network(NETWORK, None).await {
            Ok(_) => Ok(()),
            Err(error) if is_absent(&error) => {
                Err(Failure::missing(format!("Docker has no network `{NETWORK}`"))
                    .help("make the cluster, and the network with it: `cargo xtask kind up`; or choose the host's: `--set router.network=host`")
                    .into())
            }
            Err(error) => Err(error).with_context(|| format!("Docker does not tell of network `{NETWORK}`")),
        }
    })
}

/// Fails when a port is taken, unless `own` has it: our container, as it is.
pub fn check_ports(cx: &Context, traefik: &TraefikProfile, own: Option<&Container>) -> anyhow::Result<()> {
    let own = own.filter(|container| container.is_running());
    let mut taken: Vec<SocketAddr> =
        own.map(|container| container.listeners().into_values().collect()).unwrap_or_default();
    taken.extend(own.and_then(Container::api_port).map(api::address));
    let mut wanted: Vec<(SocketAddr, &str)> =
        wanted_listeners(cx)?.into_iter().map(|(point, address)| (address, other_port(point))).collect();
    if traefik.network == Network::Host {
        wanted.push((api::address(traefik.api_port.get()), "--set router.api_port=8098"));
    }
    let mut unsure = wanted.into_iter().filter(|(address, _)| !taken.contains(address));
    unsure.try_for_each(|(address, other)| check_port(address, other))
}

fn check_port(address: SocketAddr, other: &str) -> anyhow::Result<()> {
    let Err(error) = sni_router::bind(address) else { return Ok(()) };
    let mut kind = error.kind();
    if kind == ErrorKind::PermissionDenied {
        // Traefik has the right that we lack; who listens can be seen all the same.
        if ports::holder(address).is_none() {
            return Ok(());
        }
        kind = ErrorKind::AddrInUse;
    }
    Err(anyhow::Error::new(error).context(cannot_bind(address, other, Some(kind))))
}
