//! What the templates are told of the sandbox.

#[cfg(test)]
mod tests;

use routing::{EntryPoint, HostName, RoutingTable};
use serde_json::{Value, json};

use crate::profile::SandboxProfile;
use crate::sandbox::{AUTHORITY, CERTIFICATE, Host, KEY, Scheme, TLS_FOLDER};

/// From a Compose project of the router to the root of the workspace.
const ROOT: &str = "../../..";

/// For the file of routes.
pub fn routes(sandbox: &Scheme, table: &RoutingTable) -> Value {
    let profile = sandbox.profile();
    let hosts = sandbox.hosts(table);
    let csp = |internal: &HostName| profile.csp.contains(internal);
    let host = |Host { external, internal }: &Host| -> Value {
        json!({ "external": external, "internal": internal, "csp": csp(internal) })
    };
    let rules = profile.bodies.iter().filter_map(|rule| {
        // A host that the orchestrator does not have gets no rule.
        let Host { external, internal } = hosts.iter().find(|host| host.internal == rule.host)?;
        Some(json!({ "external": external, "internal": internal, "csp": csp(internal), "path": rule.path }))
    });
    let route = table.routes().iter().find(|route| route.name == profile.route);
    let file = |name: &str| format!("{TLS_FOLDER}/{name}");
    json!({
        "domain": sandbox.domain(),
        "regex": sandbox.internal_domain().as_str().replace('.', r"\."),
        "entry_point": EntryPoint::Https,
        "bodies": rules.collect::<Vec<_>>(),
        "hosts": hosts.iter().map(host).collect::<Vec<_>>(),
        "backend": route.and_then(|route| route.backend),
        "certificate": file(CERTIFICATE),
        "key": file(KEY),
        "authority": sandbox.has_authority().then(|| file(AUTHORITY)),
    })
}

/// For the file that Traefik reads at start, and for its Compose project.
pub fn plugins(profile: &SandboxProfile) -> Value {
    let sources = profile.plugins.sources.as_ref().map(|sources| match sources.as_str() {
        absolute if absolute.starts_with('/') => absolute.to_owned(),
        relative => format!("{ROOT}/{relative}"),
    });
    let list = profile.plugins.both().map(|(name, plugin)| {
        // Sources have the version that they have.
        let version = sources.is_none().then_some(&plugin.version);
        json!({ "name": name, "module": plugin.module, "version": version })
    });
    let kind = if sources.is_some() { "localPlugins" } else { "plugins" };
    json!({ "kind": kind, "list": list, "sources": sources })
}
