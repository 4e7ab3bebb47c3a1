//! The routes as Traefik tells of them, or as they stand in its file.

mod answer;
mod external;
#[cfg(test)]
mod tests;
mod verdict;

use std::collections::BTreeMap;

use anyhow::Context as _;
use routing::{Backend, EntryPoint, HostPattern, Route, RoutingTable};
use serde::{Deserialize, Serialize};

use crate::render;

use answer::{File, RawData, Router, Service};
pub use external::{External, ExternalRouter};
pub use verdict::Verdict;

/// What Traefik adds to the names of what a file defines.
const PROVIDER: &str = "@file";

/// TCP routers and services by their names.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Served {
    #[serde(default)]
    routers: BTreeMap<String, Router>,
    #[serde(default)]
    services: BTreeMap<String, Service>,
    /// Of a sandbox.
    #[serde(skip)]
    external: External,
}

/// A route for people and programs to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RouteStatus {
    /// Its name.
    pub name: String,
    /// Where its connections come in.
    pub entry_point: String,
    /// How many host patterns it has.
    pub hosts: usize,
    /// The highest wins.
    pub priority: u32,
    /// Where its connections go.
    pub backend: Option<String>,
    /// Traefik's word, `enabled` or `disabled`; none where it cannot be asked.
    pub status: Option<String>,
    /// What Traefik does not like about it.
    pub errors: Vec<String>,
}

impl Served {
    /// Reads the API's answer to `/api/rawdata`.
    pub fn from_api(answer: &[u8]) -> anyhow::Result<Self> {
        let RawData { tcp_routers, tcp_services, routers } =
            serde_json::from_slice(answer).context("Traefik's API answers something else")?;
        let external = External::new(of_file(routers));
        let mut served = Self { routers: of_file(tcp_routers), services: of_file(tcp_services), external };
        served.leave_out_plain_text();
        Ok(served)
    }

    /// What closes plain text is no route.
    fn leave_out_plain_text(&mut self) {
        self.routers.remove(render::PLAIN_TEXT);
        self.services.remove(render::PLAIN_TEXT);
    }

    /// Reads the file of routes.
    pub fn from_file(text: &str) -> anyhow::Result<Self> {
        let File { mut tcp, http } = serde_yaml_ng::from_str(text).context("it is not a file of routes")?;
        tcp.external = External::new(http.routers);
        tcp.leave_out_plain_text();
        Ok(tcp)
    }

    /// The routes that take connections, of those in `names` and in their
    /// order; none if there are none. Others are not ours, and may be anything.
    pub fn table(&self, names: &[String]) -> anyhow::Result<Option<RoutingTable>> {
        let ours = names.iter().filter_map(|name| self.routers.get_key_value(name));
        let active = ours.filter(|(_, router)| !router.is_lost());
        let routes = active.map(|(name, router)| {
            self.route(name, router).with_context(|| format!("router `{name}` is not one of ours"))
        });
        let routes: Vec<Route> = routes.collect::<anyhow::Result<_>>()?;
        if routes.is_empty() {
            return Ok(None);
        }
        RoutingTable::new(routes).map(Some).context("the routers contradict each other")
    }

    /// Each route, in the order of `names`.
    pub fn routes(&self, names: &[String]) -> Vec<RouteStatus> {
        let route = |(name, router): (&String, &Router)| {
            let service = self.services.get(&router.service);
            let faults = service.map(|service| service.error.clone()).unwrap_or_default();
            RouteStatus {
                name: name.clone(),
                entry_point: router.entry_points.join(", "),
                hosts: router.rule.split(render::OR).count(),
                priority: router.priority,
                backend: service.and_then(Service::server).map(str::to_owned),
                status: router.status.clone(),
                errors: router.error.iter().cloned().chain(faults).collect(),
            }
        };
        let mut routes: Vec<RouteStatus> = self.routers.iter().map(route).collect();
        routes.sort_by_key(|route| names.iter().position(|name| *name == route.name).unwrap_or(usize::MAX));
        routes
    }

    /// The names whose TLS ends here; none without a sandbox.
    pub fn external(&self) -> &External {
        &self.external
    }

    fn route(&self, name: &str, router: &Router) -> anyhow::Result<Route> {
        anyhow::ensure!(
            router.tls.as_ref().is_some_and(|tls| tls.passthrough),
            "it does not pass TLS through"
        );
        let point = |known: &EntryPoint| router.entry_points == [known.as_str()];
        let entry_point = EntryPoint::ALL.into_iter().find(point).context("its entry point is unknown")?;
        let service = self.services.get(&router.service).context("its service is absent")?;
        let backend = service.server().map(str::parse::<Backend>).transpose()?;
        let hosts = router.rule.split(render::OR).map(host).collect::<anyhow::Result<_>>()?;
        Ok(Route { name: name.to_owned(), entry_point, hosts, priority: router.priority, backend })
    }
}

/// What a file defines, by the names that it has there.
fn of_file<T>(named: BTreeMap<String, T>) -> BTreeMap<String, T> {
    named.into_iter().filter_map(|(name, it)| Some((name.strip_suffix(PROVIDER)?.to_owned(), it))).collect()
}

/// The pattern of one term of a rule.
fn host(term: &str) -> anyhow::Result<HostPattern> {
    let host = term.strip_prefix("HostSNI(`").and_then(|rest| rest.strip_suffix("`)"));
    let host = host.with_context(|| format!("`{term}` is no `HostSNI`"))?;
    HostPattern::parse(host).with_context(|| format!("`{host}` is no host"))
}
