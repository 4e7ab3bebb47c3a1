//! Which address each route's service has, as far as is known now.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use anyhow::Context as _;
use routing::{Backend, RoutingTable};

use crate::context::Context;
use crate::failure::Failure;
use crate::local;
use crate::profile::{Kubernetes, own_addresses};

/// The routing table of the profile with the backends that can be found. The
/// arguments of `--backend` win over what is found; a route that nobody knows
/// a backend for is left without.
pub fn table(cx: &Context, arguments: &[String]) -> anyhow::Result<RoutingTable> {
    let profile = cx.profile()?;
    let given = profile.backends(arguments)?;
    let mut backends = match profile.kubernetes {
        Kubernetes::None => local::backends(cx)?,
        Kubernetes::Kind | Kubernetes::Rke2 | Kubernetes::Eks => BTreeMap::new(),
    };
    backends.extend(given);
    profile.table(profile.listed_hosts(), &backends)
}

/// The same, but a route whose backend is not found keeps that of `before`.
pub fn table_after(
    cx: &Context,
    arguments: &[String],
    before: &RoutingTable,
) -> anyhow::Result<RoutingTable> {
    let profile = cx.profile()?;
    let known = table(cx, arguments)?;
    let backend = |name: &str| -> Option<Backend> {
        let of = |table: &RoutingTable| table.routes().iter().find(|route| route.name == name)?.backend;
        of(&known).or_else(|| of(before))
    };
    let routes = profile.routes.iter();
    let backends = routes.filter_map(|route| Some((route.name.clone(), backend(&route.name)?))).collect();
    profile.table(profile.listed_hosts(), &backends)
}

/// Refuses a backend that is one of the router's own `listeners`.
pub fn refuse_loops(table: &RoutingTable, listeners: &[SocketAddr]) -> anyhow::Result<()> {
    let own = own_addresses()?;
    for route in table.routes() {
        let Some(backend) = route.backend else { continue };
        backend.refuse_loop(listeners, &own).with_context(|| {
            Failure::usage(format!("route `{}` cannot go to `{backend}`", route.name))
                .help(format!("name the service behind it: `--backend {}=ADDRESS`", route.name))
        })?;
    }
    Ok(())
}
