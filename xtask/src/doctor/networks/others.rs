//! The networks that this machine has beside the cluster's.

use std::collections::BTreeSet;

use anyhow::Context as _;
use if_addrs::IfAddr;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::super::facts::DockerNetwork;
use super::own;

/// Routes as wide as this, or wider, are a default route or a part of one.
const DEFAULT: u8 = 7;
/// How many digits of a network's identity are in the name of its bridge.
const BRIDGE: usize = 12;

/// A network that is not the cluster's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Other {
    /// In words.
    pub(super) what: String,
    /// Its addresses.
    pub(super) subnet: IpNet,
}

/// Docker's, but for the one of the nodes.
pub(super) fn of_docker(networks: &[DockerNetwork]) -> Vec<Other> {
    let others = networks.iter().filter(|network| network.name != own::NETWORK);
    let subnets = |network: &DockerNetwork| {
        let what = format!("Docker's network `{}`", network.name);
        network.subnets.clone().into_iter().map(move |subnet| Other { what: what.clone(), subnet })
    };
    others.flat_map(subnets).collect()
}

/// What this machine has routes to, but for the bridges of Docker's networks.
pub(super) fn of_machine(networks: &[DockerNetwork]) -> anyhow::Result<Vec<Other>> {
    let mut found = addresses()?;
    found.extend(routes());
    Ok(foreign(&found, networks))
}

fn foreign(found: &BTreeSet<(String, IpNet)>, networks: &[DockerNetwork]) -> Vec<Other> {
    let is_bridge = |device: &str| {
        let of = |id: &str| device.strip_prefix("br-").is_some_and(|it| id.get(..BRIDGE) == Some(it));
        device == "docker0" || networks.iter().any(|network| of(&network.id))
    };
    let foreign = found.iter().filter(|(device, subnet)| !is_bridge(device) && subnet.prefix_len() > DEFAULT);
    foreign
        .map(|(device, subnet)| Other { what: format!("the route by `{device}`"), subnet: *subnet })
        .collect()
}

/// The networks that interfaces have an address in.
fn addresses() -> anyhow::Result<BTreeSet<(String, IpNet)>> {
    let interfaces = if_addrs::get_if_addrs().context("cannot list the network interfaces")?;
    let subnet = |address: &IfAddr| match address {
        IfAddr::V4(it) => Ipv4Net::new(it.ip, it.prefixlen).ok().map(IpNet::from),
        IfAddr::V6(it) => Ipv6Net::new(it.ip, it.prefixlen).ok().map(IpNet::from),
    };
    let beyond = interfaces.iter().filter(|it| !it.is_loopback() && !it.is_link_local());
    Ok(beyond.filter_map(|it| Some((it.name.clone(), subnet(&it.addr)?.trunc()))).collect())
}

#[cfg(target_os = "linux")]
fn routes() -> BTreeSet<(String, IpNet)> {
    let routes = procfs::net::route().unwrap_or_default();
    let subnet = |it: &procfs::net::RouteEntry| Ipv4Net::with_netmask(it.destination, it.mask).ok();
    routes.iter().filter_map(|it| Some((it.iface.clone(), subnet(it)?.into()))).collect()
}

#[cfg(not(target_os = "linux"))]
fn routes() -> BTreeSet<(String, IpNet)> {
    BTreeSet::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn docker(name: &str, subnet: &str) -> DockerNetwork {
        let id = "0123456789abcdef".to_owned();
        DockerNetwork { name: name.to_owned(), id, subnets: vec![subnet.parse().unwrap()] }
    }

    #[test]
    fn the_nodes_own_network_is_none() {
        let networks = [docker("kind", "172.18.0.0/16"), docker("shop", "10.96.0.0/24")];
        let shop = Other { what: "Docker's network `shop`".into(), subnet: "10.96.0.0/24".parse().unwrap() };
        assert_eq!(of_docker(&networks), [shop]);
    }

    #[test]
    fn bridges_of_docker_and_default_routes_are_left_out() {
        let found = [
            ("br-0123456789ab", "172.18.0.0/16"),
            ("br-other", "10.1.0.0/16"),
            ("docker0", "172.17.0.0/16"),
            ("tun0", "0.0.0.0/1"),
            ("eth0", "0.0.0.0/0"),
            ("tun0", "10.0.0.0/8"),
        ];
        let found = found.map(|(device, subnet)| (device.to_owned(), subnet.parse().unwrap()));
        let foreign = foreign(&found.into(), &[docker("kind", "172.18.0.0/16")]);
        let told: Vec<String> = foreign.iter().map(|it| format!("{} {}", it.what, it.subnet)).collect();
        assert_eq!(told, ["the route by `br-other` 10.1.0.0/16", "the route by `tun0` 10.0.0.0/8"]);
    }

    #[test]
    fn this_machine_is_read() {
        addresses().unwrap();
    }
}
