//! Which address each route's service has, and which hosts the cluster names.

mod ask;
mod resolve;
mod stand_ins;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use anyhow::Context as _;
use cluster::{HostListRef, ObjectName, Observed, Seen, Wanted};
use routing::{Backend, Listeners, RoutingTable};
use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::failure::{Exit, Failure, exit_of};
use crate::profile::{Kubernetes, Profile, ServiceRef, own_addresses};

use ask::{Look, ask, whole};
pub use resolve::resolve;

/// What was found.
#[derive(Clone, Debug)]
pub struct Discovered {
    /// The routes, with the backends that are known.
    pub table: RoutingTable,
    /// Routes without a backend, and why.
    pub pending: Vec<Pending>,
    /// What is odd, but keeps nothing from working.
    pub warnings: Vec<String>,
}

/// A route that has no backend yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// Its name.
    pub route: String,
    /// What is missing.
    pub why: String,
}

/// The profile's table with the backends that can be found now. The arguments
/// of `--backend` win over what is found; a route whose service has no address
/// yet is left without.
pub fn discover(cx: &Context, arguments: &[String]) -> anyhow::Result<Discovered> {
    look(cx, arguments, false, None)
}

/// The same, but waits until every route has its backend; fails when the time
/// is up, and names those that have none.
pub fn discover_all(cx: &Context, arguments: &[String]) -> anyhow::Result<Discovered> {
    look(cx, arguments, true, None)
}

/// The same as [`discover`] for a router that routes by `before`: a host list
/// that cannot be read stays as it is there.
pub fn discover_beside(
    cx: &Context,
    arguments: &[String],
    before: Option<&RoutingTable>,
) -> anyhow::Result<Discovered> {
    look(cx, arguments, false, before)
}

/// The same, but where nobody can tell a route's backend, it keeps that of
/// `before`, too.
pub fn discover_after(
    cx: &Context,
    arguments: &[String],
    before: &RoutingTable,
) -> anyhow::Result<Discovered> {
    let profile = cx.profile()?;
    let known = before.routes().iter().filter_map(|route| Some((route.name.clone(), route.backend?)));
    let mut known: BTreeMap<String, Backend> =
        known.filter(|(name, _)| profile.route(name).is_ok()).collect();
    match discover_beside(cx, arguments, Some(before)) {
        Ok(discovered) if profile.kubernetes != Kubernetes::None => Ok(discovered),
        Ok(discovered) => {
            let found = discovered.table.routes().iter();
            known.extend(found.filter_map(|route| Some((route.name.clone(), route.backend?))));
            resolve(profile, &Seen::default(), &known, None)
        }
        Err(error) if exit_of(&error) == Exit::Missing => {
            known.extend(profile.backends(arguments)?);
            // Nothing has been seen of the list of hosts either.
            let seen = Seen { host_list: Some(Observed::default()), ..Seen::default() };
            let mut discovered = resolve(profile, &seen, &known, Some(before))?;
            discovered.warnings.push(format!("{error}; every route keeps the backend that it had"));
            Ok(discovered)
        }
        Err(error) => Err(error),
    }
}

/// The same as [`discover`] for those who only want to see: where no cluster
/// tells, every route is left without a backend, and a warning says why.
pub fn preview(cx: &Context, arguments: &[String]) -> anyhow::Result<Discovered> {
    discover(cx, arguments).or_else(|error| {
        if exit_of(&error) != Exit::Missing {
            return Err(error);
        }
        let profile = cx.profile()?;
        let mut discovered = resolve(profile, &Seen::default(), &profile.backends(arguments)?, None)?;
        discovered.warnings.push(error.to_string());
        Ok(discovered)
    })
}

/// The profile's table for those who only want its names: with the hosts that
/// the cluster lists, else those of the profile, and hardly a backend.
pub fn names(cx: &Context) -> anyhow::Result<RoutingTable> {
    let profile = cx.profile()?;
    let mut seen = Seen::default();
    if profile.kubernetes != Kubernetes::None && profile.host_list.is_some() {
        let wanted = Wanted { services: Vec::new(), ..wanted(profile, &BTreeMap::new()) };
        match ask(cx, &wanted, false, whole) {
            Ok(answer) => seen = answer,
            Err(error) if exit_of(&error) == Exit::Missing => {
                cx.reporter.note(&format!("{error}; the profile's list of hosts is taken"));
            }
            Err(error) => return Err(error),
        }
    }
    let Discovered { table, warnings, .. } = resolve(profile, &seen, &BTreeMap::new(), None)?;
    cx.reporter.warn_all(&warnings);
    Ok(table)
}

fn look(
    cx: &Context,
    arguments: &[String],
    wait: bool,
    before: Option<&RoutingTable>,
) -> anyhow::Result<Discovered> {
    let profile = cx.profile()?;
    let given = profile.backends(arguments)?;
    if profile.kubernetes == Kubernetes::None {
        let mut backends = stand_ins::backends(cx)?;
        backends.extend(given);
        return resolve(profile, &Seen::default(), &backends, None);
    }
    let wanted = wanted(profile, &given);
    if wanted.services.is_empty() {
        // Nothing is left to ask the cluster for but the hosts, which the
        // profile names as well.
        return resolve(profile, &Seen::default(), &given, None);
    }
    ask(cx, &wanted, wait, |seen| match resolve(profile, seen, &given, before) {
        _ if !seen.is_complete() => Ok(Look::Incomplete),
        Ok(discovered) if wait && !discovered.pending.is_empty() => {
            let pending = discovered.pending.iter().map(|it| format!("route `{}`: {}", it.route, it.why));
            Ok(Look::Waiting(pending.collect::<Vec<_>>().join("; ")))
        }
        Ok(discovered) => Ok(Look::Done(discovered)),
        Err(error) if wait => Ok(Look::Waiting(error.to_string())),
        Err(error) => Err(error),
    })
}

/// What is seen of the services of all routes; trouble with some is no failure.
pub fn observe(cx: &Context) -> anyhow::Result<Seen> {
    let wanted = Wanted { host_list: None, ..wanted(cx.profile()?, &BTreeMap::new()) };
    let seen = ask(cx, &wanted, false, whole)?;
    match seen.trouble() {
        Some(trouble) if seen.services.values().all(|service| service.trouble.is_some()) => {
            Err(failure(trouble))
        }
        _ => Ok(seen),
    }
}

/// What the cluster is asked for: the services of the routes that were not
/// given a backend, and the list of hosts.
pub fn wanted(profile: &Profile, given: &BTreeMap<String, Backend>) -> Wanted {
    let routes = profile.routes.iter().filter(|route| !given.contains_key(&route.name));
    let services: BTreeSet<ObjectName> =
        routes.flat_map(|route| &route.services).map(ServiceRef::object).collect();
    let host_list = profile.host_list.as_ref().map(|list| HostListRef {
        config_map: ObjectName::new(&list.config_map.namespace, &list.config_map.name),
        key: list.key.clone(),
        domain: profile.domain.clone(),
    });
    Wanted { services: services.into_iter().collect(), host_list }
}

/// The cluster's word as ours: something needed is missing or unhealthy.
pub fn failure(error: &cluster::Error) -> anyhow::Error {
    Failure::missing(error.to_string()).help(error.help()).into()
}

impl Discovered {
    /// Leaves out what would lead to one of the router's own `listeners`: the
    /// cluster's mistake costs one route. A backend of `arguments` is refused.
    pub fn without_loops(
        mut self,
        cx: &Context,
        listeners: &Listeners,
        arguments: &[String],
    ) -> anyhow::Result<Self> {
        let given = cx.profile()?.backends(arguments)?;
        let (listeners, own): (Vec<SocketAddr>, _) =
            (listeners.values().copied().collect(), own_addresses()?);
        let mut routes = self.table.routes().to_vec();
        for route in routes.iter_mut().filter(|route| !given.contains_key(&route.name)) {
            let Some(backend) = route.backend else { continue };
            if let Err(error) = backend.refuse_loop(&listeners, &own) {
                route.backend = None;
                let why = format!("its service claims `{backend}`: {error}");
                self.pending.push(Pending { route: route.name.clone(), why });
            }
        }
        self.table = RoutingTable::new(routes).context("the routes clash")?;
        refuse_loops(&self.table, &listeners)?;
        Ok(self)
    }
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
