//! Services without Kubernetes: where their stand-ins listen, and how they are
//! reached.

use std::collections::BTreeMap;

use anyhow::Context as _;
use routing::{Backend, EntryPoint, HostPattern, Route};

use crate::context::Context;
use crate::daemon::{Daemon, Status};
use crate::engine;
use crate::stand_in::{StandInStatus, certificates, roles};
use crate::state::StateDir;

/// Where the stand-ins that run listen, by route.
pub fn backends(cx: &Context) -> anyhow::Result<BTreeMap<String, Backend>> {
    let mut backends = BTreeMap::new();
    for role in roles(cx.profile()?) {
        let status: Option<Status<StandInStatus>> = Daemon::new(cx, &role.name).status()?;
        for listener in status.into_iter().flat_map(|status| status.service.listeners) {
            let backend = Backend::new(listener.address).context("a stand-in listens on an odd address")?;
            backends.insert(listener.route, backend);
        }
    }
    Ok(backends)
}

/// A command that reaches a service by name through the router, once it runs.
pub fn example(cx: &Context) -> anyhow::Result<Option<String>> {
    let Some(serving) = engine::of(cx)?.serving(cx)? else { return Ok(None) };
    let exact = |host: &HostPattern| match host {
        HostPattern::Exact(name) => Some(name.to_string()),
        HostPattern::Wildcard(_) | HostPattern::Any => None,
    };
    let is_reached = |route: &&Route| route.entry_point == EntryPoint::Https && route.backend.is_some();
    let https = serving.table.routes().iter().filter(is_reached);
    let name = https.flat_map(|route| &route.hosts).find_map(exact);
    let (Some(name), Some(address)) = (name, serving.listeners.get(&EntryPoint::Https)) else {
        return Ok(None);
    };
    let authority = certificates::authority(&StateDir::of(cx));
    if !authority.exists() {
        return Ok(None);
    }
    let authority = cx.shown(&authority);
    Ok(Some(format!("curl --cacert {authority} --connect-to ::{address} https://{name}/")))
}
