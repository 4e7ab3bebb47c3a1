//! How a service is reached, to be tried.

use routing::{EntryPoint, HostPattern, Route};

use crate::context::Context;
use crate::engine;
use crate::stand_in::certificates;
use crate::state::StateDir;

/// A command that reaches a service by name through the router, once it runs.
pub(super) fn example(cx: &Context) -> anyhow::Result<Option<String>> {
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
