//! What Traefik's API answers, and what its file of routes says.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{ExternalRouter, Served};

/// A TCP router; what its file says, and what Traefik thinks of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Router {
    #[serde(default)]
    pub entry_points: Vec<String>,
    pub rule: String,
    #[serde(default)]
    pub priority: u32,
    #[serde(default)]
    pub service: String,
    pub tls: Option<Tls>,
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    pub error: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Tls {
    #[serde(default)]
    pub passthrough: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    pub load_balancer: Option<LoadBalancer>,
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    pub error: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct LoadBalancer {
    #[serde(default)]
    pub servers: Vec<Server>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Server {
    pub address: String,
}

/// The API's answer to `/api/rawdata`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RawData {
    #[serde(default)]
    pub tcp_routers: BTreeMap<String, Router>,
    #[serde(default)]
    pub tcp_services: BTreeMap<String, Service>,
    /// Those of HTTP.
    #[serde(default)]
    pub routers: BTreeMap<String, ExternalRouter>,
}

/// The file of routes.
#[derive(Deserialize)]
pub struct File {
    pub tcp: Served,
    #[serde(default)]
    pub http: Http,
}

/// Its part on HTTP.
#[derive(Default, Deserialize)]
pub struct Http {
    #[serde(default)]
    pub routers: BTreeMap<String, ExternalRouter>,
}

/// A `warning` is about something that is served all the same.
pub fn is_lost(status: Option<&str>) -> bool {
    status == Some("disabled")
}

impl Router {
    pub fn is_lost(&self) -> bool {
        is_lost(self.status.as_deref())
    }
}

impl Service {
    /// Ours have one server or none.
    pub fn server(&self) -> Option<&str> {
        self.load_balancer.as_ref()?.servers.first().map(|server| server.address.as_str())
    }
}
