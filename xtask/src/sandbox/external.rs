//! The names under the external domain.

use routing::{EntryPoint, HostName, HostPattern, Route, RoutingTable};
use serde::Serialize;

use crate::profile::{Profile, SandboxProfile, labels_under};

/// How internal names become external ones.
#[derive(Clone, Debug)]
pub struct External {
    pub domain: HostName,
    pub internal: HostName,
    /// The route whose hosts are served.
    route: String,
}

/// A host under both of its names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Host {
    /// The name that clients ask for.
    pub external: HostName,
    /// The name that the orchestrator knows.
    pub internal: HostName,
}

impl External {
    /// Reads `--external-domain`, which must have nothing to do with that of the profile.
    pub fn new(text: &str, profile: &Profile, sandbox: &SandboxProfile) -> Result<Self, String> {
        let refused = |why: String| format!("`--external-domain {text}` {why}");
        if text.starts_with("*.") {
            return Err(refused("is not a domain: leave out the `*.`".into()));
        }
        let domain = HostName::parse(text).map_err(|error| refused(format!("is not a domain: {error}")))?;
        let internal = profile.domain.clone();
        if domain == internal {
            let why = "is the profile's own domain: TLS for its names would both end here and pass through";
            return Err(refused(why.into()));
        }
        if labels_under(&domain, &internal).is_some() {
            let why = "lies under the profile's domain `{}`: put into answers in its place, it would be replaced again";
            return Err(refused(why.replace("{}", internal.as_str())));
        }
        if labels_under(&internal, &domain).is_some() {
            let why = "lies above the profile's domain `{}`: internal names would be external ones too";
            return Err(refused(why.replace("{}", internal.as_str())));
        }
        Ok(Self { domain, internal, route: sandbox.route.clone() })
    }

    /// The names served; those of the internal domain that the route has.
    pub fn hosts(&self, table: &RoutingTable) -> Vec<Host> {
        let own = self.route_hosts(table);
        own.filter_map(|pattern| match pattern {
            HostPattern::Exact(internal) => self.host(internal),
            HostPattern::Wildcard(_) | HostPattern::Any => None,
        })
        .collect()
    }

    /// Says which hosts under the internal domain get no external name.
    pub fn unserved(&self, table: &RoutingTable) -> Vec<String> {
        let say =
            |why: &str, host: &HostPattern| format!("`{host}` has no name under `{}`: {why}", self.domain);
        let own = self.route_hosts(table);
        own.filter_map(|pattern| match pattern {
            HostPattern::Wildcard(parent) => {
                labels_under(parent, &self.internal)?;
                Some(say("a wildcard leads to no one name", pattern))
            }
            HostPattern::Exact(name) => {
                labels_under(name, &self.internal)?;
                self.host(name).is_none().then(|| say("it would be longer than 253 bytes", pattern))
            }
            HostPattern::Any => None,
        })
        .collect()
    }

    /// Says which names are also a route's: Traefik would never pass them through.
    pub fn clashes(&self, table: &RoutingTable) -> Vec<String> {
        let passed = |route: &&Route| route.entry_point == EntryPoint::Https;
        let takes = |route: &Route, name: &HostName| {
            let mut named = route.hosts.iter().filter(|host| **host != HostPattern::Any);
            named.any(|host| host.matches(Some(name)))
        };
        let clash = |host: Host| {
            let mut routes = table.routes().iter().filter(passed);
            let route = routes.find(|route| takes(route, &host.external))?;
            let name = &host.external;
            Some(format!(
                "`--external-domain {}` clashes: `{name}` is a host of route `{}`",
                self.domain, route.name
            ))
        };
        self.hosts(table).into_iter().filter_map(clash).collect()
    }

    fn route_hosts<'t>(&self, table: &'t RoutingTable) -> impl Iterator<Item = &'t HostPattern> + use<'t> {
        let route = table.routes().iter().find(|route| route.name == self.route);
        route.into_iter().flat_map(|route| &route.hosts)
    }

    /// A host under the internal domain whose external name is not too long.
    fn host(&self, internal: &HostName) -> Option<Host> {
        let external = match labels_under(internal, &self.internal)? {
            "" => self.domain.clone(),
            labels => HostName::parse(&format!("{labels}.{}", self.domain)).ok()?,
        };
        Some(Host { external, internal: internal.clone() })
    }
}
