//! The network of kind's nodes, which all clusters of the machine share.

use std::cmp::Reverse;
use std::collections::HashMap;

use anyhow::Context as _;
use bollard::Docker as Client;
use bollard::errors::Error;
use bollard::models::{Ipam, IpamConfig, NetworkCreateRequest};
use bollard::query_parameters::{ListContainersOptions, ListNetworksOptions};

use crate::docker::{filter, is_absent};
use crate::failure::Failure;

/// Its name, which kind gives it.
pub const NETWORK: &str = "kind";
/// How those that this program has made are labelled.
const LABEL: &str = "dev.xtask.network";
const MTU: &str = "com.docker.network.driver.mtu";
const MASQUERADE: &str = "com.docker.network.bridge.enable_ip_masquerade";
/// kind's own prefix; the last word counts on where others have it.
const IPV6_PREFIX: [u16; 4] = [0xfc00, 0xf853, 0x0ccd, 0xe793];
/// How many prefixes are tried.
const PREFIXES: u16 = 5;
/// What Docker says where it can do no IPv6, as kind has it (`network.go`).
const NO_IPV6: [&str; 3] = ["Cannot read IPv6 setup for bridge", "ip6tables", "IPv6 is disabled"];
/// What Docker says when somebody has the addresses already.
const OVERLAP: [&str; 2] = ["Pool overlaps", "networks have overlapping"];

/// Makes it as kind would, but labelled, unless it is there. Returns whether
/// it was made.
pub async fn ensure(client: &Client) -> anyhow::Result<bool> {
    if !all(client).await?.is_empty() {
        return Ok(false);
    }
    let mtu = mtu(client).await;
    let mut prefix = 0;
    let made = loop {
        match client.create_network(request(Some(prefix), mtu.as_deref())).await {
            Err(error) if says(&error, &OVERLAP) && prefix + 1 < PREFIXES => prefix += 1,
            Err(error) if says(&error, &NO_IPV6) => {
                break client.create_network(request(None, mtu.as_deref())).await;
            }
            made => break made,
        }
    };
    let id = match made {
        // Somebody has made it at the same time.
        Err(Error::DockerResponseServerError { status_code: 409, .. }) => return Ok(false),
        made => {
            made.with_context(|| Failure::failed(format!("Docker does not make the network `{NETWORK}`")))?.id
        }
    };
    keep_one(client, &id).await
}

/// Removes it if this program has made it, and no container, running or not,
/// is in it. Returns whether it did.
pub async fn remove_unused(client: &Client) -> anyhow::Result<bool> {
    let mut removed = false;
    for id in all(client).await? {
        let Some(found) = inspect(client, &id).await? else { continue };
        let ours = found.labels.unwrap_or_default().get(LABEL).is_some_and(|label| label == NETWORK);
        if !ours || is_used(client, &id).await? {
            continue;
        }
        match client.remove_network(&id).await {
            Ok(()) => removed = true,
            Err(error) if is_absent(&error) => {}
            // Somebody has joined it since.
            Err(Error::DockerResponseServerError { status_code: 403 | 409, .. }) => {}
            Err(error) => {
                return Err(error).with_context(|| format!("Docker does not remove the network `{NETWORK}`"));
            }
        }
    }
    Ok(removed)
}

/// An older Docker makes a second one of that name. As kind does, the first
/// with the most containers is kept, so that all who find two keep the same.
async fn keep_one(client: &Client, made: &str) -> anyhow::Result<bool> {
    let mut found = Vec::new();
    for id in all(client).await? {
        let containers = inspect(client, &id).await?.map_or(0, |it| it.containers.unwrap_or_default().len());
        found.push((Reverse(containers), id));
    }
    found.sort();
    if found.first().is_none_or(|(_, id)| id == made) {
        return Ok(true);
    }
    match client.remove_network(made).await {
        Err(error) if !is_absent(&error) => {
            Err(error).with_context(|| format!("there are two networks `{NETWORK}`"))
        }
        _ => Ok(false),
    }
}

async fn all(client: &Client) -> anyhow::Result<Vec<String>> {
    let options = ListNetworksOptions { filters: Some(filter("name", [format!("^{NETWORK}$")])) };
    let found = client.list_networks(Some(options)).await.context("Docker does not list networks")?;
    // The filter of some versions takes names that only contain it.
    let named = found.into_iter().filter(|network| network.name.as_deref() == Some(NETWORK));
    Ok(named.filter_map(|network| network.id).collect())
}

async fn inspect(client: &Client, id: &str) -> anyhow::Result<Option<bollard::models::NetworkInspect>> {
    match client.inspect_network(id, None).await {
        Ok(found) => Ok(Some(found)),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(error).with_context(|| format!("Docker does not tell of the network `{NETWORK}`")),
    }
}

async fn is_used(client: &Client, id: &str) -> anyhow::Result<bool> {
    let filters = Some(filter("network", [id.to_owned()]));
    let options = ListContainersOptions { all: true, filters, ..Default::default() };
    let found = client.list_containers(Some(options)).await.context("Docker does not list containers")?;
    Ok(!found.is_empty())
}

/// That of Docker's own network, where it is set.
async fn mtu(client: &Client) -> Option<String> {
    let bridge = client.inspect_network("bridge", None).await.ok()?;
    bridge.options?.remove(MTU)
}

fn request(prefix: Option<u16>, mtu: Option<&str>) -> NetworkCreateRequest {
    let mut options = HashMap::from([(MASQUERADE.to_owned(), "true".to_owned())]);
    options.extend(mtu.map(|mtu| (MTU.to_owned(), mtu.to_owned())));
    let ipam = prefix.map(|prefix| {
        let subnet = IpamConfig { subnet: Some(subnet(prefix)), ..Default::default() };
        Ipam { config: Some(vec![subnet]), ..Default::default() }
    });
    NetworkCreateRequest {
        name: NETWORK.to_owned(),
        driver: Some("bridge".to_owned()),
        enable_ipv6: Some(ipam.is_some()),
        ipam,
        options: Some(options),
        labels: Some(HashMap::from([(LABEL.to_owned(), NETWORK.to_owned())])),
        ..Default::default()
    }
}

fn subnet(prefix: u16) -> String {
    let [one, two, three, four] = IPV6_PREFIX;
    format!("{one:x}:{two:x}:{three:x}:{:x}::/64", four + prefix)
}

fn says(error: &Error, words: &[&str]) -> bool {
    let Error::DockerResponseServerError { message, .. } = error else { return false };
    words.iter().any(|word| message.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_prefix_is_that_of_kind() {
        assert_eq!(subnet(0), "fc00:f853:ccd:e793::/64");
        assert_eq!(subnet(1), "fc00:f853:ccd:e794::/64");
    }

    #[test]
    fn without_ipv6_docker_chooses_the_addresses() {
        let request = request(None, Some("1400"));
        assert_eq!((request.enable_ipv6, request.ipam), (Some(false), None));
        assert_eq!(request.options.unwrap()[MTU], "1400");
    }
}
