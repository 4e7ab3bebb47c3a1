//! What is in Docker: networks, and containers that run.

use bollard::models::{ContainerSummary, Network};
use ipnet::IpNet;

use crate::printable::printable;

/// A network of containers.
#[derive(Clone, Debug)]
pub struct DockerNetwork {
    /// Its name.
    pub name: String,
    /// 64 digits; the bridge's name has the first 12 of them.
    pub id: String,
    /// Its addresses.
    pub subnets: Vec<IpNet>,
}

/// A container that runs.
#[derive(Clone, Debug)]
pub struct Published {
    /// Its name.
    pub name: String,
    /// Those that it has on the machine.
    pub ports: Vec<u16>,
}

impl From<Network> for DockerNetwork {
    fn from(network: Network) -> Self {
        let configs = network.ipam.and_then(|ipam| ipam.config).into_iter().flatten();
        Self {
            name: printable(&network.name.unwrap_or_default()),
            id: network.id.unwrap_or_default(),
            subnets: configs.filter_map(|config| config.subnet?.parse().ok()).collect(),
        }
    }
}

impl From<ContainerSummary> for Published {
    fn from(container: ContainerSummary) -> Self {
        let name = container.names.into_iter().flatten().next().unwrap_or_default();
        let ports = container.ports.into_iter().flatten();
        Self {
            name: printable(name.trim_start_matches('/')),
            ports: ports.filter_map(|port| port.public_port).collect(),
        }
    }
}
