//! The routes as Traefik tells of them, or as they stand in its file.

mod external;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use anyhow::Context as _;
use routing::{Backend, EntryPoint, HostPattern, Route, RoutingTable};
use serde::{Deserialize, Serialize};

use crate::render;

pub use external::{External, ExternalRouter};

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

/// A TCP router; what its file says, and what Traefik thinks of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Router {
    #[serde(default)]
    entry_points: Vec<String>,
    rule: String,
    #[serde(default)]
    priority: u32,
    #[serde(default)]
    service: String,
    tls: Option<Tls>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    error: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct Tls {
    #[serde(default)]
    passthrough: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Service {
    load_balancer: Option<LoadBalancer>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    error: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct LoadBalancer {
    #[serde(default)]
    servers: Vec<Server>,
}

#[derive(Clone, Debug, Deserialize)]
struct Server {
    address: String,
}

/// The API's answer to `/api/rawdata`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawData {
    #[serde(default)]
    tcp_routers: BTreeMap<String, Router>,
    #[serde(default)]
    tcp_services: BTreeMap<String, Service>,
    /// Those of HTTP.
    #[serde(default)]
    routers: BTreeMap<String, ExternalRouter>,
}

/// The file of routes.
#[derive(Deserialize)]
struct File {
    tcp: Served,
    #[serde(default)]
    http: Http,
}

/// Its part on HTTP.
#[derive(Default, Deserialize)]
struct Http {
    #[serde(default)]
    routers: BTreeMap<String, ExternalRouter>,
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

/// How far Traefik is with a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is in force.
    InForce,
    /// Something is not yet as it will be.
    NotYet(String),
    /// Traefik has read it, and does not like it.
    Refused(String),
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

    /// The routes that take connections, in the order of `names`; none if there
    /// are none.
    pub fn table(&self, names: &[String]) -> anyhow::Result<Option<RoutingTable>> {
        let active = self.routers.iter().filter(|(_, router)| !router.is_lost());
        let routes = active.map(|(name, router)| {
            self.route(name, router).with_context(|| format!("router `{name}` is not one of ours"))
        });
        let mut routes: Vec<Route> = routes.collect::<anyhow::Result<_>>()?;
        routes.sort_by_key(|route| names.iter().position(|name| *name == route.name).unwrap_or(usize::MAX));
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

    /// Whether Traefik serves exactly `table`, and the names of the sandbox as
    /// its file, `wanted`, has them.
    pub fn verdict(&self, table: &RoutingTable, wanted: &External) -> Verdict {
        match self.verdict_on_all(table) {
            Verdict::InForce => self.external.verdict(wanted),
            other => other,
        }
    }

    fn verdict_on_all(&self, table: &RoutingTable) -> Verdict {
        for route in table.routes() {
            let verdict = self.verdict_on(route);
            if verdict != Verdict::InForce {
                return verdict;
            }
        }
        let wanted = |name: &&String| table.routes().iter().any(|route| route.name == **name);
        match self.routers.keys().find(|name| !wanted(name)) {
            Some(name) => Verdict::NotYet(format!("route `{name}` is there still")),
            None => Verdict::InForce,
        }
    }

    fn verdict_on(&self, route: &Route) -> Verdict {
        let name = &route.name;
        let Some(router) = self.routers.get(name) else {
            return Verdict::NotYet(format!("route `{name}` is not there"));
        };
        let backend = route.backend.map(|backend| backend.to_string());
        let service = self.services.get(&router.service);
        let is_so = router.rule == render::rule(route)
            && router.priority == route.priority
            && router.entry_points == [route.entry_point.as_str()]
            && router.service == *name
            && service.is_some_and(|service| service.server() == backend.as_deref());
        if !is_so {
            return Verdict::NotYet(format!("route `{name}` is as it was before"));
        }
        let service_is_lost = service.is_some_and(|it| is_lost(it.status.as_deref()));
        let mut faults: Vec<&str> = router.error.iter().map(String::as_str).collect();
        faults.extend(service.iter().flat_map(|service| &service.error).map(String::as_str));
        if router.is_lost() || service_is_lost || !faults.is_empty() {
            return Verdict::Refused(format!("Traefik does not serve route `{name}`: {}", faults.join("; ")));
        }
        Verdict::InForce
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

/// A `warning` is about something that is served all the same.
fn is_lost(status: Option<&str>) -> bool {
    status == Some("disabled")
}

impl Router {
    fn is_lost(&self) -> bool {
        is_lost(self.status.as_deref())
    }
}

impl Service {
    /// Ours have one server or none.
    fn server(&self) -> Option<&str> {
        self.load_balancer.as_ref()?.servers.first().map(|server| server.address.as_str())
    }
}
