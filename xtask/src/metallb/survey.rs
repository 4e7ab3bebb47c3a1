//! What there is, and what is to be done about it.

use std::time::Instant;

use anyhow::Context as _;
use cluster::Cluster;
use serde_json::Value;

use super::addresses::{self, Plan, Range, Wanted};
use super::look::Look;
use super::network::NodeNetwork;
use super::objects::{held, name, objects, taken};
use super::pool::Pool;
use super::pools::Changes;
use super::service::Service;
use crate::context::Context;
use crate::discovery::failure;
use crate::failure::Failure;
use crate::ownership::Owner;
use crate::profile::MetallbProfile;

/// What there is, and what is to be done about it.
#[derive(Debug)]
pub struct Survey {
    /// In the cluster.
    pub look: Look,
    /// Around it.
    pub network: NodeNetwork,
    /// Where `MetalLB` is, or will be.
    pub namespace: String,
    /// The context of the kubeconfig.
    pub context: Option<String>,
    /// The pools' addresses.
    pub plan: Plan,
    /// What shall be there.
    pub wanted: Vec<Value>,
    /// What is to be done for that.
    pub changes: Changes,
}

/// Where kind makes the cluster, the one that kubectl would take is no
/// substitute for it: it may be anybody's.
pub fn refuse_others(cx: &Context) -> anyhow::Result<()> {
    let own = cx.profile()?.kind.is_none() || cx.own_kubeconfig().exists();
    if own || cx.names_cluster() {
        return Ok(());
    }
    Err(Failure::missing(format!("there is no cluster of profile `{}`", cx.choice.name))
        .help("make it with `cargo xtask kind up`, or name another with `--context` or `--kubeconfig`")
        .into())
}

impl Survey {
    /// Looks at Docker and at the cluster, and changes nothing. Fails where
    /// there is no room for the pools, or where they are somebody else's.
    pub fn of(cx: &Context, deadline: Instant) -> anyhow::Result<Self> {
        let profile = cx.profile()?.metallb()?;
        refuse_others(cx)?;
        let owner = Owner::of(cx);
        let network = NodeNetwork::find(cx)?;
        let (context, look) = look(cx, profile, &owner, deadline)?;
        network.check_nodes(&look.nodes)?;
        let namespace = look.namespace(profile).to_owned();
        let pools = look.pools_in(&namespace);
        let plan = plan(profile, &network, &pools, &owner)?;
        let wanted = objects(profile, &plan, &owner, &namespace);
        let found: Vec<Value> = pools.into_iter().chain(look.advertisements_in(&namespace)).collect();
        let changes = Changes::of(&found, &wanted, &owner)?;
        Ok(Self { look, network, namespace, context, plan, wanted, changes })
    }

    /// The services that have, or wait for, addresses.
    pub fn services(&self) -> Vec<Service> {
        self.look.services.iter().filter_map(Service::of).collect()
    }

    /// The pools as they will be.
    pub fn pools(&self, owner: &Owner) -> Vec<Pool> {
        let foreign = self.look.pools_in(&self.namespace).into_iter().filter(|pool| !owner.owns(pool));
        let wanted = self.wanted.iter().filter(|object| object["kind"] == "IPAddressPool").cloned();
        let services = self.services();
        wanted.chain(foreign).map(|pool| Pool::of(&pool, &services, owner)).collect()
    }

    /// All addresses that the pools will have.
    pub fn ranges(&self) -> Vec<Range> {
        let pools = self.plan.pools.iter().flat_map(|(_, addresses)| addresses);
        pools.map(|&address| Range::from(address)).chain(self.plan.rest.iter().copied()).collect()
    }

    /// Names of the pools that there are no addresses for, though wanted.
    pub fn shortage(&self, profile: &MetallbProfile) -> Option<String> {
        let has_rest = self.wanted.iter().any(|object| name(object) == MetallbProfile::REST);
        (profile.rest > 0 && !has_rest).then(|| {
            let network = &self.network.name;
            format!("network `{network}` has no addresses for services without a pool of their own")
        })
    }
}

/// Asks the cluster; says, too, by which context it was found.
pub fn look(
    cx: &Context,
    profile: &MetallbProfile,
    owner: &Owner,
    deadline: Instant,
) -> anyhow::Result<(Option<String>, Look)> {
    cx.block_on(deadline, "the cluster's answer", async {
        let cluster = Cluster::open(cx.access()).await.map_err(|error| failure(&error))?;
        let look = Box::pin(Look::at(&cluster, profile, owner)).await?;
        Ok((cluster.context().map(str::to_owned), look))
    })?
}

/// The addresses of the pools, with `pools` there already.
pub fn plan(
    profile: &MetallbProfile,
    network: &NodeNetwork,
    pools: &[Value],
    owner: &Owner,
) -> anyhow::Result<Plan> {
    let wanted = Wanted {
        pools: profile.pools.iter().map(|pool| (pool.name.clone(), pool.host)).collect(),
        rest: profile.rest,
    };
    let mut free = network.addresses.clone();
    free.taken.extend(taken(pools, owner));
    addresses::plan(&free, &wanted, &held(pools, owner)).with_context(|| {
        let name = &network.name;
        Failure::missing(format!("Docker's network `{name}` has no room for the pools")).help(format!(
            "free addresses of it, or make it anew with a larger subnet: `docker network create {name} \
             --subnet 172.18.0.0/16`, when nothing is in it"
        ))
    })
}
