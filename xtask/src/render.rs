//! The templates, filled in.
//!
//! Nothing is escaped: what reaches a template are numbers, addresses, and
//! names that were checked when they were read. None of these can hold what
//! YAML, Traefik's rules or Go's templates would take for their own, such as a
//! quote, a backtick, a brace or a line break.

#[cfg(test)]
mod tests;

use std::net::SocketAddr;

use anyhow::Context as _;
use handlebars::{Handlebars, no_escape};
use routing::{EntryPoint, Route, RoutingTable};
use serde_json::{Value, json};

use crate::engine::Listeners;
use crate::profile::{Network, Profile, TraefikProfile};

/// The templates are in the program, so that they fit the data.
const DYNAMIC: &str = include_str!("../../templates/traefik.template");
const STATIC: &str = include_str!("../../templates/traefik-static.template");
const COMPOSE: &str = include_str!("../../templates/docker-compose.template");

/// The file of routes that Traefik watches.
///
/// A route without a backend is there with no server, so that Traefik closes
/// its connections. Left out, they would fall to a route of lower priority.
pub fn traefik_dynamic(table: &RoutingTable) -> anyhow::Result<String> {
    let without_backend = table.routes().iter().filter(|route| route.backend.is_none());
    let absent: Vec<&str> = without_backend.map(|route: &Route| route.name.as_str()).collect();
    fill(DYNAMIC, &json!({ "routes": table.routes(), "absent": absent }))
}

/// The file that Traefik reads at start.
pub fn traefik_static(traefik: &TraefikProfile, listeners: &Listeners) -> anyhow::Result<String> {
    let entry_point = |(point, address): (&EntryPoint, &SocketAddr)| -> Value {
        let address = match traefik.network {
            Network::Host => address.to_string(),
            // Of the container; the address on the host is that of the published port.
            Network::Bridge => format!(":{}", address.port()),
        };
        json!({ "name": point, "address": address, "long_lived": *point == EntryPoint::Raw })
    };
    let entry_points: Vec<Value> = listeners.iter().map(entry_point).collect();
    fill(STATIC, &json!({ "entry_points": entry_points, "api_port": traefik.api_port }))
}

/// The Compose project of the router; `workspace` is the id of the workspace
/// that owns it.
pub fn compose(
    profile: &Profile,
    traefik: &TraefikProfile,
    listeners: &Listeners,
    workspace: u64,
) -> anyhow::Result<String> {
    let port = |address: &SocketAddr| json!({ "published": address, "port": address.port() });
    let data = json!({
        "image": traefik.image,
        "workspace": format!("{workspace:016x}"),
        "profile": profile.name,
        "bridge": traefik.network == Network::Bridge,
        "ports": listeners.values().map(port).collect::<Vec<_>>(),
    });
    fill(COMPOSE, &data)
}

/// Fills in a template; what it names has to be in `data`.
pub fn fill(template: &str, data: &Value) -> anyhow::Result<String> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.register_escape_fn(no_escape);
    registry.render_template(template, data).context("cannot fill in a template of the folder `templates`")
}
