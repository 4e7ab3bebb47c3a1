//! Samples: labelled Services in the cluster that lead to stand-ins on this
//! machine, so that the whole path can be tried before the real ones exist.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::{Value, json};

use crate::profile::{Profile, ServiceRef};
use crate::stand_in::{ListenerStatus, Role};

/// Tells a sample from the service that it takes the place of.
pub const LABEL: &str = "dev.xtask.sample";

/// The objects of one sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// A Service of type `LoadBalancer` that selects nothing.
    pub service: Value,
    /// Where it leads.
    pub endpoints: Value,
}

impl Sample {
    /// For the service of `role`, whose stand-in has these listeners, with
    /// `labels` besides those by which its pool knows it.
    pub fn new(
        profile: &Profile,
        role: &Role,
        listeners: &[ListenerStatus],
        labels: &BTreeMap<String, String>,
    ) -> Option<Self> {
        let (namespace, name) = role.service.split_once('/')?;
        let address = listeners.first()?.address.ip();
        let ports = ports(profile, role, listeners);
        let service_port = |(port, _): &(u16, u16)| json!({ "name": port_name(*port), "port": port, "targetPort": port, "protocol": "TCP" });
        let endpoint_port = |(port, target): &(u16, u16)| json!({ "name": port_name(*port), "port": target, "protocol": "TCP" });
        let (mut own, mut known) = (labels.clone(), pool_labels(profile, namespace));
        own.insert(LABEL.into(), "true".into());
        known.extend(own.clone());
        own.insert("kubernetes.io/service-name".into(), name.into());
        Some(Self {
            service: json!({
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": { "namespace": namespace, "name": name, "labels": known },
                "spec": {
                    "type": "LoadBalancer",
                    "ports": ports.iter().map(service_port).collect::<Vec<_>>(),
                },
            }),
            endpoints: json!({
                "apiVersion": "discovery.k8s.io/v1",
                "kind": "EndpointSlice",
                "metadata": { "namespace": namespace, "name": format!("{name}-sample"), "labels": own },
                "addressType": if address.is_ipv4() { "IPv4" } else { "IPv6" },
                "endpoints": [{ "addresses": [address], "conditions": { "ready": true } }],
                "ports": ports.iter().map(endpoint_port).collect::<Vec<_>>(),
            }),
        })
    }
}

/// Port of the service and port of its stand-in, for each route.
fn ports(profile: &Profile, role: &Role, listeners: &[ListenerStatus]) -> Vec<(u16, u16)> {
    let port = |listener: &ListenerStatus| {
        let route = profile.routes.iter().find(|route| route.name == listener.route)?;
        let service = route.services.iter().find(|service| is_of(service, role))?;
        Some((service.port.get(), listener.address.port()))
    };
    listeners.iter().filter_map(port).collect()
}

fn is_of(service: &ServiceRef, role: &Role) -> bool {
    role.service.split_once('/') == Some((&service.namespace, &service.name))
}

/// By which a pool of addresses takes the service for the one that it is for.
fn pool_labels(profile: &Profile, namespace: &str) -> BTreeMap<String, String> {
    let pools = profile.metallb.iter().flat_map(|metallb| &metallb.pools);
    pools.filter(|pool| pool.namespace == namespace).flat_map(|pool| pool.labels.clone()).collect()
}

fn port_name(port: u16) -> String {
    format!("tcp-{port}")
}

/// Whether a Service, as the cluster has it, is a sample.
pub fn is_sample(service: &Value) -> bool {
    service["metadata"]["labels"][LABEL].is_string()
}

/// The addresses that its load balancer has been given.
pub fn addresses(service: &Value) -> Vec<IpAddr> {
    let given = service["status"]["loadBalancer"]["ingress"].as_array();
    let address = |ingress: &Value| ingress["ip"].as_str()?.parse().ok();
    given.into_iter().flatten().filter_map(address).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::stand_in::roles;

    #[test]
    fn a_sample_leads_from_each_port_to_its_stand_in() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let profile = Profile::load(root, "coder", &[]).unwrap();
        let role = roles(&profile).into_iter().find(|role| role.name == "orchestrator").unwrap();
        let listener = |route: &str, port: u16| ListenerStatus {
            route: route.into(),
            address: ([172, 18, 0, 1], port).into(),
            handshakes: 0,
        };
        let listeners = [listener("orchestrator", 5001), listener("edge", 5002)];
        let labels = BTreeMap::from([("dev.xtask.profile".into(), "coder".into())]);
        let Sample { service, endpoints } = Sample::new(&profile, &role, &listeners, &labels).unwrap();
        let labels = json!({
            "app.kubernetes.io/name": "traefik",
            "dev.xtask.profile": "coder",
            "dev.xtask.sample": "true",
        });
        assert_eq!(service["metadata"]["labels"], labels);
        assert_eq!(service["spec"]["ports"][1]["port"], 4433);
        assert_eq!(service["spec"].get("selector"), None);
        assert_eq!(endpoints["metadata"]["labels"]["kubernetes.io/service-name"], "traefik");
        assert_eq!(endpoints["endpoints"][0]["addresses"], json!(["172.18.0.1"]));
        let ports = |object: &Value| -> Vec<_> {
            object["ports"].as_array().unwrap().iter().map(|port| port["name"].clone()).collect()
        };
        assert_eq!(ports(&endpoints), ports(&service["spec"]));
        assert_eq!(endpoints["ports"][1]["port"], 5002);
        assert!(is_sample(&service));
    }
}
