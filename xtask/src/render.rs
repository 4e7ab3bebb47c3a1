//! The templates, filled in.
//!
//! Nothing is escaped: what reaches a template are numbers, addresses, and
//! names that were checked when they were read. None of these can hold what
//! YAML, Traefik's rules or Go's templates would take for their own, such as a
//! quote, a backtick, a brace or a line break.

mod sandbox;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;

use anyhow::Context as _;
use handlebars::{Handlebars, no_escape};
use routing::{EntryPoint, Route, RoutingTable};
use serde_json::{Value, json};

use crate::engine::Listeners;
use crate::profile::{Network, Profile, TraefikProfile};
use crate::sandbox::Sandbox;

/// The templates are in the program, so that they fit the data.
const DYNAMIC: &str = include_str!("../../templates/traefik.template");
const SANDBOX: &str = include_str!("../../templates/traefik-sandbox.template");
const STATIC: &str = include_str!("../../templates/traefik-static.template");
const COMPOSE: &str = include_str!("../../templates/docker-compose.template");

/// The file of routes that Traefik watches.
///
/// A route without a backend is there with no server, so that Traefik closes
/// its connections. Left out, they would fall to a route of lower priority.
/// The names of a sandbox then answer 503.
pub fn traefik_dynamic(table: &RoutingTable, sandbox: Option<&Sandbox>) -> anyhow::Result<String> {
    let without_backend = table.routes().iter().filter(|route| route.backend.is_none());
    let absent: Vec<&str> = without_backend.map(|route: &Route| route.name.as_str()).collect();
    let sandbox = sandbox.map(|sandbox| sandbox::routes(sandbox, table));
    fill(DYNAMIC, &json!({ "routes": table.routes(), "absent": absent, "sandbox": sandbox }))
}

/// The file that Traefik reads at start.
pub fn traefik_static(
    traefik: &TraefikProfile,
    listeners: &Listeners,
    sandbox: Option<&Sandbox>,
) -> anyhow::Result<String> {
    let entry_point = |(point, address): (&EntryPoint, &SocketAddr)| -> Value {
        let address = match traefik.network {
            Network::Host => address.to_string(),
            // Of the container; the address on the host is that of the published port.
            Network::Bridge => format!(":{}", address.port()),
        };
        json!({ "name": point, "address": address, "long_lived": *point == EntryPoint::Raw })
    };
    let entry_points: Vec<Value> = listeners.iter().map(entry_point).collect();
    let data = json!({
        "entry_points": entry_points,
        "api_port": traefik.api_port,
        "plugins": sandbox.map(|sandbox| sandbox::plugins(sandbox.profile())),
    });
    fill(STATIC, &data)
}

/// The Compose project of the router; `workspace` is the id of the workspace
/// that owns it.
///
/// For a sandbox, [`TLS_FOLDER`](crate::sandbox::TLS_FOLDER) is yet to be mounted.
pub fn compose(
    profile: &Profile,
    traefik: &TraefikProfile,
    listeners: &Listeners,
    workspace: u64,
    sandbox: Option<&Sandbox>,
) -> anyhow::Result<String> {
    let port = |address: &SocketAddr| json!({ "published": address, "port": address.port() });
    let data = json!({
        "image": traefik.image,
        "workspace": format!("{workspace:016x}"),
        "profile": profile.name,
        "bridge": traefik.network == Network::Bridge,
        "ports": listeners.values().map(port).collect::<Vec<_>>(),
        "plugins": sandbox.map(|sandbox| sandbox::plugins(sandbox.profile())),
    });
    fill(COMPOSE, &data)
}

/// Fills in a template; what it names has to be in `data`.
pub fn fill(template: &str, data: &Value) -> anyhow::Result<String> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.register_escape_fn(no_escape);
    registry.register_partial("traefik-sandbox", SANDBOX).context("cannot read a template")?;
    registry.render_template(template, data).context("cannot fill in a template of the folder `templates`")
}
