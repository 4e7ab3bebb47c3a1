//! Services of type `LoadBalancer`, as far as addresses go.

use std::collections::BTreeMap;
use std::net::IpAddr;

use cluster::ObjectName;
use serde_json::Value;

use super::addresses::Family;

/// A service that has, or waits for, addresses.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name.
    pub name: ObjectName,
    /// What selectors go by.
    pub labels: BTreeMap<String, String>,
    /// What it has.
    pub addresses: Vec<IpAddr>,
    /// The families that it needs; none: that is not decided yet.
    pub families: Vec<Family>,
    /// Who else shall give it addresses.
    pub class: Option<String>,
    /// The pool that it asks for.
    pub pool: Option<String>,
    /// The addresses that it asks for.
    pub asked: Option<String>,
}

impl Service {
    /// The service, if it is of type `LoadBalancer`.
    pub fn of(object: &Value) -> Option<Self> {
        let (metadata, spec) = (&object["metadata"], &object["spec"]);
        if spec["type"] != "LoadBalancer" {
            return None;
        }
        let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        // The second name is that of versions before 0.15.
        let annotation = |key: &str| {
            let keys = [format!("metallb.io/{key}"), format!("metallb.universe.tf/{key}")];
            keys.iter().find_map(|key| text(&metadata["annotations"][key]))
        };
        let ingress = object["status"]["loadBalancer"]["ingress"].as_array().into_iter().flatten();
        let families = spec["ipFamilies"].as_array().into_iter().flatten();
        Some(Self {
            name: ObjectName::new(
                text(&metadata["namespace"]).unwrap_or_default(),
                text(&metadata["name"]).unwrap_or_default(),
            ),
            labels: serde_json::from_value(metadata["labels"].clone()).unwrap_or_default(),
            addresses: ingress.filter_map(|ingress| ingress["ip"].as_str()?.parse().ok()).collect(),
            families: families.map(|family| if family == "IPv6" { Family::V6 } else { Family::V4 }).collect(),
            class: text(&spec["loadBalancerClass"]),
            pool: annotation("address-pool"),
            asked: annotation("loadBalancerIPs").or_else(|| text(&spec["loadBalancerIP"])),
        })
    }
}
