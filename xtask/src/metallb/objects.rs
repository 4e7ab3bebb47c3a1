//! The objects that tell `MetalLB` which addresses are whose.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::addresses::{Held, Plan, Range, Taken};
use crate::ownership::{self, Owner};
use crate::profile::{MetallbProfile, PoolProfile};

/// Name of what tells the network of our pools, and of no others.
pub const ADVERTISEMENT: &str = "xtask";

/// `MetalLB` takes the pool with the lowest number that fits a service
/// (`internal/allocator`, `sortPools`): one that asks for labels goes before
/// one for a whole namespace.
const WITH_LABELS: u8 = 10;
const WHOLE_NAMESPACE: u8 = 20;

/// The pools with their addresses, then what tells the network of them.
///
/// A pool with a `serviceAllocation` gives nothing to other services
/// (`internal/allocator`, `Allocate` and `isPoolCompatibleWithService`), also
/// not to one that asks for it by name. `autoAssign` has to be on all the same:
/// without it the pool's own service would have to ask. Addresses that end in 0
/// or 255 are in no plan, so there are none to avoid.
pub fn objects(profile: &MetallbProfile, plan: &Plan, owner: &Owner, namespace: &str) -> Vec<Value> {
    let meta = |name: &str| json!({ "name": name, "namespace": namespace, "labels": owner.labels() });
    let pool = |name: &str, addresses: Vec<String>| {
        json!({
            "apiVersion": "metallb.io/v1beta1",
            "kind": "IPAddressPool",
            "metadata": meta(name),
            "spec": { "addresses": addresses, "autoAssign": true, "avoidBuggyIPs": false },
        })
    };
    let mut objects: Vec<Value> = Vec::new();
    for (pool_profile, (name, addresses)) in profile.pools.iter().zip(&plan.pools) {
        let ranges = addresses.iter().map(|&address| Range::from(address).to_string());
        let mut object = pool(name, ranges.collect());
        object["spec"]["serviceAllocation"] = allocation(pool_profile);
        objects.push(object);
    }
    if !plan.rest.is_empty() {
        objects.push(pool(MetallbProfile::REST, plan.rest.iter().map(ToString::to_string).collect()));
    }
    let names: Vec<Value> = objects.iter().map(|object| object["metadata"]["name"].clone()).collect();
    objects.push(json!({
        "apiVersion": "metallb.io/v1beta1",
        "kind": "L2Advertisement",
        "metadata": meta(ADVERTISEMENT),
        "spec": { "ipAddressPools": names },
    }));
    objects
}

fn allocation(pool: &PoolProfile) -> Value {
    let priority = if pool.labels.is_empty() { WHOLE_NAMESPACE } else { WITH_LABELS };
    let mut allocation = json!({ "priority": priority, "namespaces": [pool.namespace] });
    if !pool.labels.is_empty() {
        let labels: BTreeMap<&String, &String> =
            pool.labels.iter().map(|(key, value)| (key, value)).collect();
        allocation["serviceSelectors"] = json!([{ "matchLabels": labels }]);
    }
    allocation
}

/// Whether an object that is there is as it shall be, as far as that says.
pub fn is_same(found: &Value, wanted: &Value) -> bool {
    let keys = ["addresses", "autoAssign", "avoidBuggyIPs", "serviceAllocation", "ipAddressPools"];
    let labels = |object: &Value| {
        let labels = &object["metadata"]["labels"];
        [ownership::WORKSPACE, ownership::PROFILE].map(|key| labels[key].clone())
    };
    keys.iter().all(|key| found["spec"][key] == wanted["spec"][key]) && labels(found) == labels(wanted)
}

/// The name of an object.
pub fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap_or_default()
}

/// Whether two objects are the same one, be it in another state.
pub fn is_of_name(object: &Value, other: &Value) -> bool {
    object["kind"] == other["kind"] && name(object) == name(other)
}

/// The addresses of a pool, as far as they can be read.
pub fn ranges(pool: &Value) -> Vec<Range> {
    let addresses = pool["spec"]["addresses"].as_array().into_iter().flatten();
    addresses.filter_map(|address| address.as_str()?.parse().ok()).collect()
}

/// What our pools have now.
pub fn held(pools: &[Value], owner: &Owner) -> Held {
    let mut held = Held::default();
    for pool in pools.iter().filter(|pool| owner.owns(pool)) {
        if name(pool) == MetallbProfile::REST {
            held.rest = ranges(pool);
        } else {
            held.pools.insert(name(pool).to_owned(), ranges(pool));
        }
    }
    held
}

/// What the pools of others have.
pub fn taken(pools: &[Value], owner: &Owner) -> Vec<Taken> {
    let foreign = pools.iter().filter(|pool| !owner.owns(pool));
    let ranges = foreign.flat_map(|pool| ranges(pool).into_iter().map(|range| (range, name(pool))));
    ranges.map(|(range, name)| Taken { range, by: format!("pool `{name}`") }).collect()
}
