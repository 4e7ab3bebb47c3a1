//! The pods behind a Service.

use std::num::NonZeroU16;

use serde_json::Value;

use crate::{Cluster, Error, ObjectName, Resource};

/// A port of a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodPort {
    /// The pod.
    pub pod: ObjectName,
    /// Where it listens.
    pub port: NonZeroU16,
}

/// Why there is no pod that connections can go to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPod {
    /// The Service does not exist.
    #[error("service `{0}` does not exist")]
    NoService(ObjectName),
    /// The Service has no such port.
    #[error("service `{0}` has no port {1}")]
    NoPort(ObjectName, NonZeroU16),
    /// No pod is ready.
    #[error("no pod behind service `{0}` is ready")]
    NoneReady(ObjectName),
}

impl Cluster {
    /// A ready pod behind `port` of the Service, as the Service's
    /// `EndpointSlice`s tell; of several the first by name. Asks once and fails
    /// when there is no answer within ten seconds.
    pub async fn pod_behind(
        &self,
        service: &ObjectName,
        port: NonZeroU16,
    ) -> Result<Result<PodPort, NoPod>, Error> {
        let namespace = Some(&*service.namespace);
        let Some(object) = self.get(&Resource::SERVICE, namespace, &service.name).await? else {
            return Ok(Err(NoPod::NoService(service.clone())));
        };
        let ports = object["spec"]["ports"].as_array().into_iter().flatten();
        let Some(found) = ports.into_iter().find(|it| it["port"] == port.get() && is_tcp(it)) else {
            return Ok(Err(NoPod::NoPort(service.clone(), port)));
        };
        let labels = format!("kubernetes.io/service-name={}", service.name);
        let slices = self.objects(&Resource::ENDPOINT_SLICE, namespace, Some(&labels)).await?;
        let pods = slices.iter().flat_map(|slice| ready(slice, found["name"].as_str().unwrap_or_default()));
        let first = pods.min_by(|one, other| one.pod.name.cmp(&other.pod.name));
        Ok(first.ok_or_else(|| NoPod::NoneReady(service.clone())))
    }
}

/// The ready pods of an `EndpointSlice`, with their port of this name.
fn ready(slice: &Value, name: &str) -> Vec<PodPort> {
    let mut ports = slice["ports"].as_array().into_iter().flatten();
    let port = ports.find(|it| it["name"].as_str().unwrap_or_default() == name && is_tcp(it));
    let port = port.and_then(|it| NonZeroU16::new(u16::try_from(it["port"].as_u64()?).ok()?));
    let Some(port) = port else { return Vec::new() };
    let namespace = slice["metadata"]["namespace"].as_str().unwrap_or_default();
    let endpoints = slice["endpoints"].as_array().into_iter().flatten();
    // What is not said counts as ready (`EndpointConditions`).
    let ready = endpoints.filter(|it| it["conditions"]["ready"] != false);
    let pods = ready.filter(|it| it["targetRef"]["kind"] == "Pod");
    pods.filter_map(|it| it["targetRef"]["name"].as_str())
        .map(|pod| PodPort { pod: ObjectName::new(namespace, pod), port })
        .collect()
}

fn is_tcp(port: &Value) -> bool {
    port["protocol"].as_str().unwrap_or("TCP") == "TCP"
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ready_pods_count_and_nothing_else() {
        let slice = json!({
            "metadata": { "namespace": "gitea" },
            "ports": [{ "name": "http", "port": 3000, "protocol": "TCP" }, { "name": "dns", "port": 53, "protocol": "UDP" }],
            "endpoints": [
                { "conditions": { "ready": false }, "targetRef": { "kind": "Pod", "name": "a" } },
                { "conditions": { "ready": true }, "targetRef": { "kind": "Node", "name": "b" } },
                { "conditions": {}, "targetRef": { "kind": "Pod", "name": "c" } },
                { "addresses": ["10.0.0.1"] },
            ],
        });
        let port = NonZeroU16::new(3000).unwrap();
        assert_eq!(ready(&slice, "http"), [PodPort { pod: ObjectName::new("gitea", "c"), port }]);
        assert!(ready(&slice, "dns").is_empty() && ready(&slice, "").is_empty());
    }
}
