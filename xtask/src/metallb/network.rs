//! The network that the cluster's nodes are in, as Docker tells of it.

mod ipam;

use std::collections::HashMap;
use std::net::IpAddr;

use anyhow::Context as _;
use bollard::Docker as Client;
use bollard::models::{ContainerSummary, NetworkInspect};
use bollard::query_parameters::ListContainersOptions;

use self::ipam::{address, endpoints, held, subnets_of};
use super::addresses::Network;
use super::claim;
use crate::context::Context;
use crate::docker::{Docker, PATIENCE, is_absent};
use crate::failure::Failure;
use crate::profile::Profile;
use crate::render;
use crate::state::id_of;

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
    /// Its addresses, of the families that the cluster has.
    pub addresses: Network,
    /// The container of the cluster's control plane, if there is one.
    pub control_plane: Option<String>,
}

impl NodeNetwork {
    /// The network of the nodes of the profile's cluster; kind's own, where
    /// there is no node yet. The cluster is the one whose nodes have these
    /// `addresses`, which may be another than the profile's.
    pub fn find(cx: &Context, addresses: &[IpAddr]) -> anyhow::Result<Self> {
        let profile = cx.profile()?;
        Docker::find(cx)?.ask(cx, cx.deadline.or(PATIENCE), "Docker", async |client: Client| {
            let network = of_nodes(&client, &cluster_name(cx, profile)).await?;
            let name = network.name.clone().unwrap_or_default();
            let members = containers(&client, "network", &name).await?;
            let cluster = cluster_at(&network, &members, addresses);
            let mut taken = held(&network, &name, &members);
            taken.extend(claim::of_others(&client, &members, cluster).await?);
            let subnets = subnets_of(&network, profile)?.collect();
            let own = |node: &&ContainerSummary| is_control_plane(node) && label(node, CLUSTER) == cluster;
            let control_plane = cluster.and_then(|_| members.iter().find(own)?.id.clone());
            Ok(Self { name, addresses: Network { subnets, taken }, control_plane })
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

/// This machine's own address in the nodes' network, the IPv4 one if there is.
pub fn gateway(cx: &Context) -> anyhow::Result<IpAddr> {
    let profile = cx.profile()?;
    let find = async |client: Client| of_nodes(&client, &cluster_name(cx, profile)).await;
    let network = Docker::find(cx)?.ask(cx, cx.deadline.or(PATIENCE), "Docker", find)?;
    subnets_of(&network, profile)?.find_map(|subnet| subnet.gateway).with_context(|| {
        let name = network.name.as_deref().unwrap_or_default();
        Failure::missing(format!("Docker's network `{name}` has no gateway"))
            .help("the samples listen there; try without `--with-samples`")
    })
}

/// What kind calls the profile's cluster.
pub fn cluster_name(cx: &Context, profile: &Profile) -> String {
    render::project(&profile.name, id_of(cx.root()))
}

/// Whether a container is the first node of a cluster.
pub fn is_control_plane(container: &ContainerSummary) -> bool {
    label(container, ROLE) == Some("control-plane")
}

/// A label of a container.
pub fn label<'a>(container: &'a ContainerSummary, name: &str) -> Option<&'a str> {
    container.labels.as_ref()?.get(name).map(String::as_str)
}

/// The network of the nodes of a cluster; kind's own, where there is no node yet.
async fn of_nodes(client: &Client, cluster: &str) -> anyhow::Result<NetworkInspect> {
    let nodes = containers(client, "label", &format!("{CLUSTER}={cluster}")).await?;
    let names = nodes.iter().flat_map(|node| endpoints(node).map(|(name, _)| name));
    // A node may have been put into others, too.
    let name = names.min_by_key(|&name| (name != DEFAULT, name));
    inspect(client, name.unwrap_or(DEFAULT)).await
}

/// The cluster with a node at one of these addresses.
fn cluster_at<'a>(
    network: &NetworkInspect,
    members: &'a [ContainerSummary],
    addresses: &[IpAddr],
) -> Option<&'a str> {
    let is_there = |id: &String| {
        let endpoint = network.containers.as_ref().and_then(|containers| containers.get(id));
        let own = endpoint.into_iter().flat_map(|it| [&it.ipv4_address, &it.ipv6_address]);
        own.flatten().filter_map(|text| address(text)).any(|own| addresses.contains(&own))
    };
    let node = members.iter().find(|member| member.id.as_ref().is_some_and(is_there))?;
    label(node, CLUSTER)
}

async fn inspect(client: &Client, name: &str) -> anyhow::Result<NetworkInspect> {
    match client.inspect_network(name, None).await {
        Err(error) if is_absent(&error) => Err(Failure::missing(format!("Docker has no network `{name}`"))
            .help("make the cluster, and the network with it: `cargo xtask kind up`")
            .into()),
        found => found.with_context(|| format!("Docker does not tell of network `{name}`")),
    }
}

/// The containers, running or not, of which a filter is true.
async fn containers(client: &Client, key: &str, value: &str) -> anyhow::Result<Vec<ContainerSummary>> {
    let filters = HashMap::from([(key.to_owned(), vec![value.to_owned()])]);
    let options = ListContainersOptions { all: true, filters: Some(filters), ..Default::default() };
    client.list_containers(Some(options)).await.context("Docker does not list containers")
}
