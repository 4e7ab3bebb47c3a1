//! From what Kubernetes says of a Service to what routes need of it.

use std::net::IpAddr;
use std::num::NonZeroU16;

use k8s_openapi::api::core::v1;

use crate::{Ingress, Port, Service, ServiceType, text};

/// Longest name or address that is kept, in characters.
const MAX_TEXT: usize = 300;

impl From<v1::Service> for Service {
    /// The names of load balancers are not looked up yet.
    fn from(service: v1::Service) -> Self {
        let spec = service.spec.unwrap_or_default();
        let status = service.status.and_then(|status| status.load_balancer);
        Self {
            service_type: service_type(spec.type_.as_deref()),
            // It is `None`, the word, when the Service is headless.
            cluster_ip: spec.cluster_ip.and_then(|ip| ip.parse().ok()),
            ports: spec.ports.unwrap_or_default().into_iter().filter_map(port).collect(),
            ingress: status
                .and_then(|status| status.ingress)
                .unwrap_or_default()
                .into_iter()
                .filter_map(ingress)
                .collect(),
        }
    }
}

fn service_type(name: Option<&str>) -> ServiceType {
    match name {
        Some("NodePort") => ServiceType::NodePort,
        Some("LoadBalancer") => ServiceType::LoadBalancer,
        Some("ExternalName") => ServiceType::ExternalName,
        _ => ServiceType::ClusterIP,
    }
}

fn port(port: v1::ServicePort) -> Option<Port> {
    let number = |port: i32| u16::try_from(port).ok().and_then(NonZeroU16::new);
    Some(Port {
        name: port.name,
        port: number(port.port)?,
        node_port: port.node_port.and_then(number),
        protocol: port.protocol.unwrap_or_else(|| "TCP".into()),
    })
}

fn ingress(ingress: v1::LoadBalancerIngress) -> Option<Ingress> {
    let text = |text: Option<String>| text.filter(|text| !text.is_empty());
    let place = text(ingress.ip).or_else(|| text(ingress.hostname))?;
    Some(match place.parse::<IpAddr>() {
        Ok(address) => Ingress::Address(address),
        Err(_) => Ingress::Host {
            name: text::line(&place, MAX_TEXT),
            addresses: Err("it has not been looked up".into()),
        },
    })
}
