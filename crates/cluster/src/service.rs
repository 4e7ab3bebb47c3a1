//! A Service, as far as routes are concerned.

use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU16;

use routing::Backend;
use serde::Serialize;

/// A Service, as far as routes are concerned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Its type.
    pub service_type: ServiceType,
    /// Its address in the cluster; none when it is headless.
    pub cluster_ip: Option<IpAddr>,
    /// Its ports.
    pub ports: Vec<Port>,
    /// What its load balancer has been given.
    pub ingress: Vec<Ingress>,
}

/// How a Service is exposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum ServiceType {
    /// In the cluster alone.
    ClusterIP,
    /// On a port of every node.
    NodePort,
    /// By a load balancer.
    LoadBalancer,
    /// As another name.
    ExternalName,
}

/// A port of a Service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Port {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// Where the Service listens.
    pub port: NonZeroU16,
    /// The same on every node, where there is one.
    pub node_port: Option<NonZeroU16>,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: String,
}

/// An address that a load balancer has been given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ingress {
    /// An address.
    Address(IpAddr),
    /// A name, and the addresses that it stands for now, or why it stands for none.
    Host {
        /// The name.
        name: String,
        /// Sorted.
        addresses: Result<Vec<IpAddr>, String>,
    },
}

/// Why a Service that exists cannot be a backend yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotReady {
    /// It is of another type.
    Type(ServiceType),
    /// It is a load balancer that waits for its address.
    NoAddress,
    /// It has an address, but not this port.
    NoPort(NonZeroU16),
    /// The name of its load balancer cannot be resolved.
    Unresolved {
        /// The name.
        name: String,
        /// In a few words.
        reason: String,
    },
    /// Its address cannot be a backend, such as `0.0.0.0`.
    Unusable(String),
}

impl Service {
    /// Where its load balancer answers for `port`. Of several addresses the
    /// lowest IPv4 one is taken, else the lowest, so that it stays the same.
    pub fn backend(&self, port: NonZeroU16) -> Result<Backend, NotReady> {
        let _ = port;
        todo!()
    }

    /// Every address of its load balancer, IPv4 first, each once.
    pub fn addresses(&self) -> Vec<IpAddr> {
        todo!()
    }
}

impl fmt::Display for NotReady {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}
