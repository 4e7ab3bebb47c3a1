//! What a profile says of node ports, compared with the services there are.

use std::fmt;

use cluster::Listed;
use serde::Serialize;

use super::is_node_port;
use crate::profile::{NodePorts, Profile, RouteProfile};

/// A service that is not as the profile expects.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Breach {
    /// `namespace/name`.
    service: String,
    /// In lower case.
    why: String,
}

/// Where the services `listed` are not as `profile` expects; sorted as its
/// routes, or as the list.
pub fn breaches(profile: &Profile, listed: &[Listed]) -> Vec<Breach> {
    match profile.node_ports {
        Some(NodePorts::Expected) => {
            profile.routes.iter().filter_map(|route| missing(profile, route, listed)).collect()
        }
        Some(NodePorts::Unexpected) => {
            listed.iter().filter(|it| is_node_port(it)).map(|it| surplus(profile, it)).collect()
        }
        Some(NodePorts::Either) | None => Vec::new(),
    }
}

/// The route's service, if it exists and has no node port for the route.
fn missing(profile: &Profile, route: &RouteProfile, listed: &[Listed]) -> Option<Breach> {
    let found = route.services.iter().find_map(|reference| {
        let object = reference.object();
        listed.iter().find(|it| it.name == object).map(|it| (reference, it))
    });
    let (reference, listed) = found?;
    let has = |port: &cluster::Port| port.port == reference.port && port.node_port.is_some();
    (!listed.service.ports.iter().any(has)).then(|| Breach {
        service: listed.name.to_string(),
        why: format!(
            "profile `{}` expects node ports, and port {} has none, which route `{}` leads to",
            profile.name, reference.port, route.name
        ),
    })
}

fn surplus(profile: &Profile, listed: &Listed) -> Breach {
    let why = format!("profile `{}` expects no service of type NodePort", profile.name);
    Breach { service: listed.name.to_string(), why }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "service `{}`: {}", self.service, self.why)
    }
}
