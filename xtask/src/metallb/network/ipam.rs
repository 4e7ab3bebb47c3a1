//! Which addresses a network of Docker's has, and who has them.

use std::net::IpAddr;

use anyhow::Context as _;
use bollard::models::{ContainerSummary, EndpointSettings, IpamConfig, NetworkInspect};
use ipnet::IpNet;

use super::super::addresses::{Family, Range, Subnet, Taken};
use crate::profile::Profile;
use crate::profile::kind::IpFamily;

/// The networks that a container is in, by name.
pub(super) fn endpoints(container: &ContainerSummary) -> impl Iterator<Item = (&str, &EndpointSettings)> {
    let networks = container.network_settings.as_ref().and_then(|settings| settings.networks.as_ref());
    networks.into_iter().flatten().map(|(name, endpoint)| (name.as_str(), endpoint))
}

fn is_of(subnet: &Subnet, families: Option<IpFamily>) -> bool {
    match families {
        Some(IpFamily::Ipv4) => subnet.net.addr().is_ipv4(),
        Some(IpFamily::Ipv6) => subnet.net.addr().is_ipv6(),
        Some(IpFamily::Dual) | None => true,
    }
}

/// The subnets of the families that the profile's cluster has.
pub(super) fn subnets_of(
    network: &NetworkInspect,
    profile: &Profile,
) -> anyhow::Result<impl Iterator<Item = Subnet>> {
    let families = profile.kind.as_ref().map(|kind| kind.ip_family);
    Ok(subnets(network)?.into_iter().filter(move |subnet| is_of(subnet, families)))
}

fn pools(network: &NetworkInspect) -> impl Iterator<Item = &IpamConfig> {
    network.ipam.iter().flat_map(|ipam| ipam.config.iter().flatten())
}

fn subnets(network: &NetworkInspect) -> anyhow::Result<Vec<Subnet>> {
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
pub(super) fn held(network: &NetworkInspect, name: &str, members: &[ContainerSummary]) -> Vec<Taken> {
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
pub(super) fn address(text: &str) -> Option<IpAddr> {
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
