//! The network that the cluster's nodes are in, as Docker tells of it.

use std::collections::HashMap;
use std::net::IpAddr;

use anyhow::Context as _;
use bollard::Docker as Client;
use bollard::models::{ContainerSummary, EndpointSettings, IpamConfig, NetworkInspect};
use bollard::query_parameters::ListContainersOptions;
use ipnet::IpNet;

use super::addresses::{Family, Network, Range, Subnet, Taken};
use super::claim;
use crate::context::Context;
use crate::docker::{Docker, PATIENCE, is_absent};
use crate::failure::Failure;
use crate::kind::Kind;
use crate::profile::kind::IpFamily;

/// The network that kind takes unless it is told otherwise.
const DEFAULT: &str = "kind";
/// kind's labels: of which cluster a container is a node, and which kind of node.
pub const CLUSTER: &str = "io.x-k8s.kind.cluster";
const ROLE: &str = "io.x-k8s.kind.role";

/// The nodes' network.
#[derive(Clone, Debug)]
pub struct NodeNetwork {
    /// Its name.
    pub name: String,
    /// The name of the cluster, to kind.
    pub cluster: String,
    /// Its addresses, of the families that the cluster has.
    pub addresses: Network,
    /// The container of the cluster's control plane, if there is one.
    pub control_plane: Option<String>,
}

impl NodeNetwork {
    /// The network of the nodes of the profile's cluster; kind's own, where
    /// there is no node yet.
    pub fn find(cx: &Context) -> anyhow::Result<Self> {
        let profile = cx.profile()?;
        let cluster = Kind::by_name(cx).cluster().to_owned();
        Docker::find(cx)?.ask(cx, cx.deadline.or(PATIENCE), "Docker", async |client: Client| {
            let nodes = nodes(&client, &cluster).await?;
            let name = name(&nodes);
            let network = inspect(&client, &name).await?;
            let members = members(&client, &name).await?;
            let mut taken = held(&network, &name, &members);
            taken.extend(claim::of_others(&client, &members, &cluster).await?);
            let families = profile.kind.as_ref().map(|kind| kind.ip_family);
            let subnets = subnets(&network)?.into_iter().filter(|subnet| is_of(subnet, families)).collect();
            let control_plane = nodes.iter().find(|node| is_control_plane(node)).and_then(|it| it.id.clone());
            Ok(Self { name, cluster, addresses: Network { subnets, taken }, control_plane })
        })
    }

    /// Fails when nodes of the cluster are elsewhere: addresses of this network
    /// would be of no use to them.
    pub fn check_nodes(&self, addresses: &[IpAddr]) -> Result<(), Failure> {
        let is_here =
            |address: &&IpAddr| self.addresses.subnets.iter().any(|subnet| subnet.net.contains(*address));
        if addresses.is_empty() || addresses.iter().any(|address| is_here(&address)) {
            return Ok(());
        }
        let name = &self.name;
        let shown: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        Err(Failure::missing(format!(
            "the cluster's nodes ({}) are not in Docker's network `{name}`",
            shown.join(", ")
        ))
        .help("name the cluster that kind made, or leave `--context` and `--kubeconfig` out"))
    }
}

/// The nodes of a cluster, running or not.
pub(super) async fn nodes(client: &Client, cluster: &str) -> anyhow::Result<Vec<ContainerSummary>> {
    containers(client, "label", &format!("{CLUSTER}={cluster}")).await
}

/// The name of the network that these nodes are in.
pub(super) fn name(nodes: &[ContainerSummary]) -> String {
    let mut names = nodes.iter().flat_map(|node| endpoints(node).map(|(name, _)| name));
    names.next().unwrap_or(DEFAULT).to_owned()
}

/// Whether a container is the first node of a cluster.
pub fn is_control_plane(container: &ContainerSummary) -> bool {
    label(container, ROLE) == Some("control-plane")
}

/// A label of a container.
pub fn label<'a>(container: &'a ContainerSummary, name: &str) -> Option<&'a str> {
    container.labels.as_ref()?.get(name).map(String::as_str)
}

/// What Docker tells of a network; a missing one is a failure.
pub(super) async fn inspect(client: &Client, name: &str) -> anyhow::Result<NetworkInspect> {
    match client.inspect_network(name, None).await {
        Err(error) if is_absent(&error) => Err(Failure::missing(format!("Docker has no network `{name}`"))
            .help("make the cluster, and the network with it: `cargo xtask kind up`")
            .into()),
        found => found.with_context(|| format!("Docker does not tell of network `{name}`")),
    }
}

/// The containers, running or not, that are in a network.
pub async fn members(client: &Client, network: &str) -> anyhow::Result<Vec<ContainerSummary>> {
    containers(client, "network", network).await
}

/// The containers, running or not, of which a filter is true.
async fn containers(client: &Client, key: &str, value: &str) -> anyhow::Result<Vec<ContainerSummary>> {
    let filters = HashMap::from([(key.to_owned(), vec![value.to_owned()])]);
    let options = ListContainersOptions { all: true, filters: Some(filters), ..Default::default() };
    client.list_containers(Some(options)).await.context("Docker does not list containers")
}

fn endpoints(container: &ContainerSummary) -> impl Iterator<Item = (&str, &EndpointSettings)> {
    let networks = container.network_settings.as_ref().and_then(|settings| settings.networks.as_ref());
    networks.into_iter().flatten().map(|(name, endpoint)| (name.as_str(), endpoint))
}

/// Whether a cluster of these families has it; any has where that is not known.
pub(super) fn is_of(subnet: &Subnet, families: Option<IpFamily>) -> bool {
    match families {
        Some(IpFamily::Ipv4) => subnet.net.addr().is_ipv4(),
        Some(IpFamily::Ipv6) => subnet.net.addr().is_ipv6(),
        Some(IpFamily::Dual) | None => true,
    }
}

fn pools(network: &NetworkInspect) -> impl Iterator<Item = &IpamConfig> {
    network.ipam.iter().flat_map(|ipam| ipam.config.iter().flatten())
}

/// Its subnets, the IPv4 ones first.
pub(super) fn subnets(network: &NetworkInspect) -> anyhow::Result<Vec<Subnet>> {
    let subnet = |config: &IpamConfig| {
        let net = |text: &Option<String>| -> anyhow::Result<Option<IpNet>> {
            let text = text.as_deref().filter(|text| !text.is_empty());
            text.map(|text| text.parse().with_context(|| format!("Docker tells of a subnet `{text}`")))
                .transpose()
        };
        let Some(found) = net(&config.subnet)? else { return Ok(None) };
        let gateway = config.gateway.as_deref().and_then(address);
        Ok(Some(Subnet { net: found.trunc(), gateway, handed_out: net(&config.ip_range)? }))
    };
    let mut subnets: Vec<Subnet> =
        pools(network).filter_map(|config| subnet(config).transpose()).collect::<anyhow::Result<_>>()?;
    // Docker's order is that in which they were said.
    subnets.sort_by_key(|subnet| Family::of(subnet.net.addr()));
    Ok(subnets)
}

/// What containers have, or would have as soon as they were started, and what
/// was kept out of the network by whoever made it.
fn held(network: &NetworkInspect, name: &str, members: &[ContainerSummary]) -> Vec<Taken> {
    let taken = |text: Option<&String>, by: String| Some(Taken { range: Range::from(address(text?)?), by });
    let kept = pools(network).flat_map(|config| config.auxiliary_addresses.iter().flatten());
    let kept = kept.filter_map(|(name, text)| taken(Some(text), format!("the auxiliary address `{name}`")));
    let running = network.containers.iter().flatten().flat_map(|(id, endpoint)| {
        let by = format!("container `{}`", endpoint.name.as_ref().unwrap_or(id));
        let addresses = [endpoint.ipv4_address.as_ref(), endpoint.ipv6_address.as_ref()];
        addresses.map(|text| taken(text, by.clone()))
    });
    let stopped = members.iter().flat_map(|container| {
        let names = container.names.as_deref().unwrap_or_default();
        let by = format!("container `{}`", names.first().map_or("", |name| name.trim_start_matches('/')));
        let fixed = endpoints(container).filter(|(network, _)| *network == name);
        let fixed = fixed.filter_map(|(_, endpoint)| endpoint.ipam_config.as_ref());
        fixed.flat_map(move |fixed| {
            [fixed.ipv4_address.as_ref(), fixed.ipv6_address.as_ref()].map(|text| taken(text, by.clone()))
        })
    });
    kept.chain(running.flatten()).chain(stopped.flatten()).collect()
}

/// An address, also one with the length of its network's prefix.
fn address(text: &str) -> Option<IpAddr> {
    text.split('/').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_docker_tells_is_read() {
        let network: NetworkInspect = serde_json::from_value(json!({
            "Name": "kind",
            "IPAM": { "Config": [
                { "Subnet": "fc00:f853:ccd:e793::/64" },
                { "Subnet": "172.18.0.0/16", "Gateway": "172.18.0.1", "IPRange": "172.18.0.0/24",
                  "AuxiliaryAddresses": { "printer": "172.18.255.20" } },
            ] },
            "Containers": { "0a": {
                "Name": "node", "IPv4Address": "172.18.0.2/16", "IPv6Address": "fc00:f853:ccd:e793::2/64",
            } },
        }))
        .unwrap();
        let members: Vec<ContainerSummary> = serde_json::from_value(json!([
            { "Names": ["/node"], "NetworkSettings": { "Networks": { "kind": { "IPAMConfig": null } } } },
            { "Names": ["/stopped"], "NetworkSettings": { "Networks": {
                "kind": { "IPAMConfig": { "IPv4Address": "172.18.255.30" } },
                "other": { "IPAMConfig": { "IPv4Address": "10.0.0.1" } },
            } } },
        ]))
        .unwrap();
        let taken: Vec<String> = held(&network, "kind", &members)
            .iter()
            .map(|Taken { range, by }| format!("{by} {range}"))
            .collect();
        assert_eq!(
            taken,
            [
                "the auxiliary address `printer` 172.18.255.20/32",
                "container `node` 172.18.0.2/32",
                "container `node` fc00:f853:ccd:e793::2/128",
                "container `stopped` 172.18.255.30/32",
            ]
        );
        let subnets = subnets(&network).unwrap();
        assert_eq!(subnets[0].net.to_string(), "172.18.0.0/16");
        assert_eq!(subnets[0].gateway, Some([172, 18, 0, 1].into()));
        assert_eq!(subnets[0].handed_out.unwrap().to_string(), "172.18.0.0/24");
        assert!(is_of(&subnets[1], Some(IpFamily::Ipv6)) && !is_of(&subnets[1], Some(IpFamily::Ipv4)));
    }
}
