//! The templates, filled in.
//!
//! Nothing is escaped: what reaches a template are numbers, addresses, and
//! names that were checked when they were read. None of these can hold what
//! YAML, Traefik's rules or Go's templates would take for their own, such as a
//! quote, a backtick, a brace or a line break.

mod kind;
mod sandbox;
#[cfg(test)]
pub mod tests;

use std::net::SocketAddr;

use anyhow::Context as _;
use handlebars::{Handlebars, no_escape};
use routing::{EntryPoint, Listeners, Route, RoutingTable};
use serde_json::{Value, json};

use crate::daemon::MAX_DRAIN;
use crate::profile::{Network, Profile, TraefikProfile};
use crate::sandbox::{Scheme, TLS_FOLDER};

pub use self::kind::{Names, NodeMount, kind};

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
pub fn traefik_dynamic(table: &RoutingTable, sandbox: Option<&Scheme>) -> anyhow::Result<String> {
    let without_backend = table.routes().iter().filter(|route| route.backend.is_none());
    let absent: Vec<&str> = without_backend.map(|route: &Route| route.name.as_str()).collect();
    let sandbox = sandbox.map(|sandbox| sandbox::routes(sandbox, table));
    let data = json!({
        "routes": table.routes(),
        "absent": absent,
        "entry_points": EntryPoint::ALL,
        "sandbox": sandbox,
    });
    fill(DYNAMIC, &data)
}

/// The router, and its service, that close what is not TLS.
pub const PLAIN_TEXT: &str = "plain-text";

/// What stands between the terms of a rule, once YAML has folded its lines.
pub const OR: &str = " || ";

/// The rule of a route, as the file of routes has it.
pub fn rule(route: &Route) -> String {
    route.hosts.iter().map(|host| format!("HostSNI(`{host}`)")).collect::<Vec<_>>().join(OR)
}

/// The file that Traefik reads at start.
pub fn traefik_static(
    traefik: &TraefikProfile,
    listeners: &Listeners,
    sandbox: Option<&Scheme>,
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
        "grace": MAX_DRAIN.as_secs(),
        "log_level": traefik.log_level,
        "access_log": traefik.access_log,
    });
    fill(STATIC, &data)
}

/// The Compose project of the router; `workspace` is the id of the workspace
/// that owns it, `config` tells one configuration from another.
pub fn compose(
    profile: &Profile,
    traefik: &TraefikProfile,
    listeners: &Listeners,
    workspace: u64,
    sandbox: Option<&Scheme>,
    config: u64,
) -> anyhow::Result<String> {
    let listens = |(point, address): (&EntryPoint, &SocketAddr)| format!("{point}={address}");
    let port = |address: &SocketAddr| json!({ "published": address, "port": address.port() });
    let data = json!({
        "image": traefik.image,
        "project": project(&profile.name, workspace),
        "workspace": format!("{workspace:016x}"),
        "profile": profile.name,
        "config": format!("{config:016x}"),
        "listeners": listeners.iter().map(listens).collect::<Vec<_>>().join(" "),
        "api": traefik.api_port.to_string(),
        "tls_folder": sandbox.map(|_| TLS_FOLDER),
        "bridge": traefik.network == Network::Bridge,
        "ports": listeners.values().map(port).collect::<Vec<_>>(),
        "plugins": sandbox.map(|sandbox| sandbox::plugins(sandbox.profile())),
    });
    fill(COMPOSE, &data)
}

/// The name of the router's Compose project, and of its container.
pub fn project(profile: &str, workspace: u64) -> String {
    format!("xtask-{profile}-{workspace:016x}")
}

/// Fills in a template; what it names has to be in `data`.
pub fn fill(template: &str, data: &Value) -> anyhow::Result<String> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.register_escape_fn(no_escape);
    registry.register_partial("traefik-sandbox", SANDBOX).context("cannot read a template")?;
    registry.render_template(template, data).context("cannot fill in a template of the folder `templates`")
}
