//! What is known of the container, and of the routes in it.

use anyhow::Context as _;
use routing::{Listeners, RoutingTable};
use serde::Serialize;

use super::container::Container;
use super::served::{External, RouteStatus, Served};
use super::{NETWORK, api, files};
use crate::context::Context;
use crate::engine::{Serving, wanted_listeners};
use crate::failure::Failure;
use crate::profile::{Network, TraefikProfile};

/// What is known of the container, and of the routes in it.
#[derive(Clone, Debug, Serialize)]
pub struct TraefikStatus {
    /// The container.
    pub container: Container,
    /// Where it listens when it runs.
    pub listeners: Listeners,
    /// What Traefik says of each route; empty when it does not run.
    pub routes: Vec<RouteStatus>,
    /// The names of the sandbox whose TLS ends here.
    pub external: External,
    /// What it routes by; none when it does not run, or serves no route.
    pub table: Option<RoutingTable>,
}

impl TraefikStatus {
    /// Asks Traefik itself, or, where its API cannot be reached, its file;
    /// `names` give the order of the routes.
    pub fn of(cx: &Context, container: Container, names: &[String]) -> anyhow::Result<Self> {
        let listeners = container.listeners();
        if !container.is_running() {
            let (routes, external) = (Vec::new(), External::default());
            return Ok(Self { container, listeners, routes, external, table: None });
        }
        let served = match container.api_port() {
            Some(port) => api::served(port).with_context(|| silent(&container))?,
            None => in_file(cx)?,
        };
        let table = served.table(names).context("Traefik does not serve what it was given")?;
        let (routes, external) = (served.routes(names), served.external().clone());
        Ok(Self { container, listeners, routes, external, table })
    }

    /// What the router serves; `None` when that is nothing.
    pub fn serving(&self) -> Option<Serving> {
        Some(Serving { listeners: self.listeners.clone(), table: self.table.clone()? })
    }
}

fn silent(container: &Container) -> Failure {
    let health = container.health.as_ref().map_or(String::new(), |health| format!(", {health}"));
    Failure::failed(format!("container `{}` runs{health}, but Traefik does not answer", container.name))
        .help("look at `cargo xtask router logs`, or run `cargo xtask router restart`")
}

fn in_file(cx: &Context) -> anyhow::Result<Served> {
    let text = files::routes_in_place(cx)?.context("the file of routes is gone")?;
    Served::from_file(&text)
}

/// How the running container differs from what the profile says, in words.
pub fn difference(cx: &Context, container: &Container, wanted: &TraefikProfile) -> anyhow::Result<String> {
    let describe = |listeners: &Listeners| {
        let parts = listeners.iter().map(|(point, address)| format!("{point} {address}"));
        parts.collect::<Vec<_>>().join(", ")
    };
    let (here, there) = (container.listeners(), wanted_listeners(cx)?);
    let network = match wanted.network {
        Network::Host => "host",
        Network::Bridge => NETWORK,
    };
    let (image, port) = (wanted.image.to_string(), wanted.api_port.get());
    let mut found = Vec::new();
    let mut differ = |what: &str, here: &str, wanted: &str| {
        if here != wanted {
            found.push(format!("{what} `{here}`, and not `{wanted}`"));
        }
    };
    differ("image", &container.image, &image);
    differ("network", &container.network, network);
    differ("listeners", &describe(&here), &describe(&there));
    if let Some(here) = container.api_port() {
        differ("API port", &here.to_string(), &port.to_string());
    }
    if found.is_empty() {
        let sandbox = if cx.sandbox().is_some() { "the sandbox's certificate, " } else { "" };
        found.push(format!("{sandbox}`docker-compose.yml` or `traefik.yml` was another"));
    }
    Ok(found.join("; "))
}
