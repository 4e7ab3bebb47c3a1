//! Why a service has no address, or another one than its own.

use cluster::ObjectName;
use serde::Serialize;

use super::pool::Pool;
use super::service::Service;
use super::workload::Workload;

/// A service that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Odd {
    /// Its name.
    #[serde(flatten)]
    pub name: ObjectName,
    /// What is the matter.
    pub why: String,
}

/// The services that wait for an address, and what for.
pub fn pending(services: &[Service], pools: &[Pool], controller: Option<&Workload>) -> Vec<Odd> {
    let waiting = services.iter().filter(|service| service.addresses.is_empty());
    let odd = |service: &Service| Odd {
        name: service.name.clone(),
        why: why(service, services, pools, controller),
    };
    waiting.map(odd).collect()
}

fn why(service: &Service, services: &[Service], pools: &[Pool], controller: Option<&Workload>) -> String {
    if let Some(class) = &service.class {
        return format!("it leaves its address to whoever serves load balancer class `{class}`");
    }
    match controller {
        None => return "MetalLB has no controller".to_owned(),
        Some(controller) if !controller.ready => {
            return format!("MetalLB's controller is not ready: {}", controller.state);
        }
        Some(_) => {}
    }
    if let Some(pool) = &service.pool
        && pools.iter().all(|it| it.name != *pool)
    {
        return format!("it asks for pool `{pool}`, which is not there");
    }
    let serving: Vec<&Pool> = pools.iter().filter(|pool| pool.serves(service)).collect();
    match &service.pool {
        Some(pool) if serving.is_empty() => return format!("it asks for pool `{pool}`, which is for others"),
        None if serving.is_empty() => return "no pool is for it".to_owned(),
        _ => {}
    }
    let families = &service.families;
    let fitting: Vec<&Pool> = serving.into_iter().filter(|pool| pool.has_families(families)).collect();
    if fitting.is_empty() {
        let names: Vec<String> = families.iter().map(ToString::to_string).collect();
        return format!("no pool for it has addresses of {}", names.join(" and "));
    }
    if let Some(asked) = &service.asked {
        return format!("it asks for {asked}, which is not free in a pool for it");
    }
    if fitting.iter().all(|pool| pool.is_full(services, families)) {
        let told =
            fitting.iter().map(|pool| format!("pool `{}` is full, held by {}", pool.name, pool.held_by()));
        return told.collect::<Vec<_>>().join("; ");
    }
    "MetalLB has not acted on it yet".to_owned()
}

/// The services that have an address of no pool, or of another one than that
/// which is for them alone. Addresses that were given are kept, whatever pools
/// come later.
pub fn misplaced(services: &[Service], pools: &[Pool]) -> Vec<Odd> {
    let managed = services.iter().filter(|service| service.class.is_none());
    managed
        .filter_map(|service| Some(Odd { name: service.name.clone(), why: place(service, pools)? }))
        .collect()
}

fn place(service: &Service, pools: &[Pool]) -> Option<String> {
    let has = |pool: &&Pool| {
        service.addresses.iter().any(|&address| pool.ranges.iter().any(|range| range.contains(address)))
    };
    let address = service.addresses.first()?;
    let Some(there) = pools.iter().find(has) else {
        return Some(format!("it has {address}, which is of no pool"));
    };
    // One whose own pool is held by another has what is left.
    let own = pools.iter().find(|pool| pool.is_bound() && pool.serves(service) && pool.holders.is_empty())?;
    let (there, own) = (&there.name, &own.name);
    Some(format!("it has {address} of pool `{there}`; its own pool `{own}` is free"))
}
