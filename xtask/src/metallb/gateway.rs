//! Where the nodes reach this machine.

use std::net::IpAddr;

use anyhow::Context as _;
use bollard::Docker as Client;

use super::network::{inspect, is_of, name, nodes, subnets};
use crate::context::Context;
use crate::docker::{Docker, PATIENCE};
use crate::failure::Failure;
use crate::kind::Kind;

/// This machine's own address in the nodes' network, the IPv4 one if there is.
pub fn gateway(cx: &Context) -> anyhow::Result<IpAddr> {
    let profile = cx.profile()?;
    let (kind, families) = (Kind::by_name(cx), profile.kind.as_ref().map(|kind| kind.ip_family));
    Docker::find(cx)?.ask(cx, cx.deadline.or(PATIENCE), "Docker", async |client: Client| {
        let name = name(&nodes(&client, kind.cluster()).await?);
        let subnets = subnets(&inspect(&client, &name).await?)?;
        subnets
            .iter()
            .filter(|subnet| is_of(subnet, families))
            .find_map(|subnet| subnet.gateway)
            .with_context(|| {
                Failure::missing(format!("Docker's network `{name}` has no gateway"))
                    .help("the samples listen there; try without `--with-samples`")
            })
    })
}
