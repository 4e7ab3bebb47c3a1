//! The platform without Kubernetes: stand-ins for the services that the
//! profile's routes lead to, and the router before them.

mod stages;

use std::collections::BTreeMap;

use anyhow::Context as _;
use routing::{Backend, EntryPoint, HostPattern};

use crate::context::Context;
use crate::daemon::{Daemon, Status};
use crate::engine;
use crate::profile::Profile;
use crate::stand_in::StandInStatus;
use crate::stand_in::certificates;
use crate::state::StateDir;

pub use stages::{LastCheck, graph};

/// A service that a stand-in takes the place of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandIn {
    /// Name of its daemon: that of the first route that leads to it.
    pub name: String,
    /// The service, such as `argocd/argocd-server`.
    pub service: String,
    /// The routes that lead to it, each to a port of its own.
    pub routes: Vec<String>,
}

/// The stand-ins that a profile's routes need: one for each service.
pub fn stand_ins(profile: &Profile) -> Vec<StandIn> {
    let mut stand_ins: Vec<StandIn> = Vec::new();
    for route in &profile.routes {
        let Some(service) = route.services.first() else { continue };
        let service = format!("{}/{}", service.namespace, service.name);
        match stand_ins.iter_mut().find(|it| it.service == service) {
            Some(known) => known.routes.push(route.name.clone()),
            None => {
                stand_ins.push(StandIn {
                    name: route.name.clone(),
                    service,
                    routes: vec![route.name.clone()],
                });
            }
        }
    }
    stand_ins
}

/// Where the stand-ins that run listen, by route.
pub fn backends(cx: &Context) -> anyhow::Result<BTreeMap<String, Backend>> {
    let mut backends = BTreeMap::new();
    for stand_in in stand_ins(cx.profile()?) {
        let status: Option<Status<StandInStatus>> = Daemon::new(cx, &stand_in.name).status()?;
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
    let https = serving.table.routes().iter().filter(|route| route.entry_point == EntryPoint::Https);
    let name = https.flat_map(|route| &route.hosts).find_map(exact);
    let (Some(name), Some(address)) = (name, serving.listeners.get(&EntryPoint::Https)) else {
        return Ok(None);
    };
    let authority = certificates::authority(&StateDir::of(cx));
    let authority = cx.shown(&authority);
    Ok(Some(format!("curl --cacert {authority} --connect-to ::{address} https://{name}/")))
}
