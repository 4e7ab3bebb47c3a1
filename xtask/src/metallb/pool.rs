//! Pools, as far as it goes who may have their addresses.

use cluster::ObjectName;
use serde_json::Value;

use super::addresses::{Family, Range};
use super::objects::{name, ranges};
use super::service::Service;
use crate::ownership::Owner;

/// A pool that is there.
#[derive(Clone, Debug)]
pub struct Pool {
    /// Its name.
    pub name: String,
    /// Its addresses.
    pub ranges: Vec<Range>,
    /// Whether it is this workspace's.
    pub ours: bool,
    /// Who has its addresses.
    pub holders: Vec<ObjectName>,
    /// Whether a service has to ask for it by its name.
    asked_only: bool,
    /// Which services it is for; null: all.
    allocation: Value,
}

impl Pool {
    /// The pool, with those of the services that have its addresses.
    pub fn of(object: &Value, services: &[Service], owner: &Owner) -> Self {
        let ranges = ranges(object);
        let has = |service: &&Service| {
            service.addresses.iter().any(|&address| ranges.iter().any(|range| range.contains(address)))
        };
        Self {
            name: name(object).to_owned(),
            holders: services.iter().filter(has).map(|service| service.name.clone()).collect(),
            ours: owner.owns(object),
            asked_only: object["spec"]["autoAssign"] == false,
            allocation: object["spec"]["serviceAllocation"].clone(),
            ranges,
        }
    }

    /// Whether `MetalLB` would give the service an address of it, if one is free.
    pub fn serves(&self, service: &Service) -> bool {
        let asked = service.pool.as_ref() == Some(&self.name);
        if !asked && (service.pool.is_some() || self.asked_only) {
            return false;
        }
        let listed = |key: &str| self.allocation[key].as_array().filter(|list| !list.is_empty());
        let named = |list: &Vec<Value>| list.iter().any(|it| *it == *service.name.namespace);
        let selected = |list: &Vec<Value>| list.iter().any(|selector| selects(selector, service));
        // What namespaces have for labels is not known here; it is taken to fit.
        let by_namespace = listed("namespaceSelectors").is_some();
        (by_namespace || listed("namespaces").is_none_or(named))
            && listed("serviceSelectors").is_none_or(selected)
    }

    /// Whether it is for certain services alone.
    pub fn is_bound(&self) -> bool {
        !self.allocation.is_null()
    }

    /// Whether every address of one of these families is held; of any that it
    /// has, where none is said.
    pub fn is_full(&self, services: &[Service], families: &[Family]) -> bool {
        let held = |family: Family| {
            let of_family = self.ranges.iter().filter(|range| range.family() == family);
            let all: u128 = of_family.map(Range::length).fold(0, u128::saturating_add);
            let mut held: Vec<_> = services.iter().flat_map(|service| &service.addresses).collect();
            held.retain(|&&it| {
                Family::of(it) == family && self.ranges.iter().any(|range| range.contains(it))
            });
            held.sort();
            held.dedup();
            all <= held.len() as u128
        };
        let own = self.ranges.iter().map(Range::family);
        let of_all = |families: &[Family]| families.iter().any(|&family| held(family));
        if families.is_empty() { of_all(&own.collect::<Vec<_>>()) } else { of_all(families) }
    }

    /// Whether it has addresses of all these families.
    pub fn has_families(&self, families: &[Family]) -> bool {
        families.iter().all(|&family| self.ranges.iter().any(|range| range.family() == family))
    }

    /// Who has its addresses, for people.
    pub fn held_by(&self) -> String {
        let names: Vec<String> = self.holders.iter().map(|name| format!("`{name}`")).collect();
        if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
    }
}

/// Whether a label selector fits the service; expressions are taken to fit.
fn selects(selector: &Value, service: &Service) -> bool {
    let wanted = selector["matchLabels"].as_object().into_iter().flatten();
    let mut wanted = wanted.map(|(key, value)| (key, value.as_str().unwrap_or_default()));
    wanted.all(|(key, value)| service.labels.get(key).is_some_and(|it| it == value))
}
