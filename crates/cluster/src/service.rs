//! A Service, as far as routes are concerned.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
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
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotReady {
    /// It is of another type.
    #[error("it is of type {0}, not LoadBalancer")]
    Type(ServiceType),
    /// It is a load balancer that waits for its address.
    #[error("its load balancer has no address yet")]
    NoAddress,
    /// It has an address, but not this port.
    #[error("it has no port {0}")]
    NoPort(NonZeroU16),
    /// The name of its load balancer cannot be resolved.
    #[error("the name `{name}` of its load balancer cannot be resolved: {reason}")]
    Unresolved {
        /// The name.
        name: String,
        /// In a few words.
        reason: String,
    },
    /// Its address cannot be a backend, such as `0.0.0.0`.
    #[error("the address of its load balancer cannot be used: {0}")]
    Unusable(String),
}

impl Service {
    /// Where its load balancer answers for `port`. Of several addresses the
    /// lowest IPv4 one is taken, else the lowest, so that it stays the same;
    /// those that cannot be a backend are passed over.
    pub fn backend(&self, port: NonZeroU16) -> Result<Backend, NotReady> {
        if self.service_type != ServiceType::LoadBalancer {
            return Err(NotReady::Type(self.service_type));
        }
        let addresses = self.addresses();
        if addresses.is_empty() {
            return Err(self.unresolved().unwrap_or(NotReady::NoAddress));
        }
        if !self.ports.iter().any(|known| known.port == port && known.protocol == "TCP") {
            return Err(NotReady::NoPort(port));
        }
        let backend = |ip| Backend::new(SocketAddr::new(ip, port.get()));
        let lowest = backend(addresses[0]);
        let usable = addresses.into_iter().find_map(|ip| backend(ip).ok());
        usable.map_or_else(|| lowest.map_err(|error| NotReady::Unusable(error.to_string())), Ok)
    }

    /// Every address of its load balancer, IPv4 first, each once.
    pub fn addresses(&self) -> Vec<IpAddr> {
        let mut addresses: Vec<IpAddr> = self.ingress.iter().flat_map(Ingress::addresses).collect();
        addresses.sort_unstable();
        addresses.dedup();
        addresses
    }

    fn unresolved(&self) -> Option<NotReady> {
        self.ingress.iter().find_map(|ingress| match ingress {
            Ingress::Host { name, addresses: Err(reason) } => {
                Some(NotReady::Unresolved { name: name.clone(), reason: reason.clone() })
            }
            _ => None,
        })
    }
}

impl Ingress {
    /// As they are dialled: an IPv4-mapped address is an IPv4 one.
    fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        let addresses = match self {
            Self::Address(address) => std::slice::from_ref(address),
            Self::Host { addresses, .. } => addresses.as_deref().unwrap_or_default(),
        };
        addresses.iter().map(IpAddr::to_canonical)
    }
}

impl fmt::Display for Ingress {
    /// As the cluster has it: a name says more than the addresses that it stands for.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Host { name, .. } => f.write_str(name),
        }
    }
}

impl fmt::Display for ServiceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ClusterIP => "ClusterIP",
            Self::NodePort => "NodePort",
            Self::LoadBalancer => "LoadBalancer",
            Self::ExternalName => "ExternalName",
        })
    }
}

#[cfg(test)]
#[path = "service_tests.rs"]
mod tests;
