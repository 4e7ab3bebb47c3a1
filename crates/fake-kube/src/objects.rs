//! Objects in few words, each with what a real API server would have filled
//! in. What these leave out is a matter of `serde_json::json!`.

use serde_json::{Value, json};

use crate::fields;

mod application;
mod daemon_set;
mod deployment;
mod event;
mod node;
mod pod;
mod service;

pub use application::{Application, application};
pub use daemon_set::{DaemonSet, daemon_set};
pub use deployment::{Deployment, deployment};
pub use event::{Event, event};
pub use node::{Node, node};
pub use pod::{Pod, pod};
pub use service::{Service, service};

/// An object that is changed by methods and is its JSON otherwise.
macro_rules! json_object {
    ($name:ident) => {
        impl std::ops::Deref for $name {
            type Target = serde_json::Value;

            fn deref(&self) -> &serde_json::Value {
                &self.0
            }
        }

        impl From<$name> for serde_json::Value {
            fn from(object: $name) -> Self {
                object.0
            }
        }
    };
}
use json_object;

/// A `ConfigMap` of one key.
pub fn config_map(namespace: &str, name: &str, key: &str, text: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": { "namespace": namespace, "name": name },
        "data": { key: text },
    })
}

/// A Namespace.
pub fn namespace(name: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": { "name": name, "labels": { "kubernetes.io/metadata.name": name } },
        "spec": { "finalizers": ["kubernetes"] },
        "status": { "phase": "Active" },
    })
}

/// The same object, all fields of which this field manager has set.
#[must_use]
pub fn managed_by(object: &Value, manager: &str) -> Value {
    let mut object = object.clone();
    let entry = fields::entry(manager, &object, &fields::leaves(&object));
    object["metadata"]["managedFields"] = json!([entry]);
    object
}

/// Appends to a list of an object, which is made where there is none.
fn push(list: &mut Value, item: Value) {
    if let Value::Array(items) = list {
        items.push(item);
    } else {
        *list = json!([item]);
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::{
        api::{apps::v1, core::v1 as core},
        serde::de::DeserializeOwned,
    };

    use super::*;

    fn read<T: DeserializeOwned>(object: &Value) -> T {
        serde_json::from_value(object.clone()).unwrap()
    }

    #[test]
    fn a_service_has_its_addresses_and_ports() {
        let object = service("a", "b").load_balancer("10.0.0.1").ingress_host("lb.example").port(443, 30443);
        let service: core::Service = read(&object);
        let spec = service.spec.unwrap();
        assert_eq!(spec.type_.as_deref(), Some("LoadBalancer"));
        let ports = spec.ports.unwrap();
        assert_eq!((ports[0].port, ports[0].node_port), (443, Some(30443)));
        let ingress = service.status.unwrap().load_balancer.unwrap().ingress.unwrap();
        assert_eq!(ingress[0].ip.as_deref(), Some("10.0.0.1"));
        assert_eq!(ingress[1].hostname.as_deref(), Some("lb.example"));
    }

    #[test]
    fn a_service_is_of_the_type_asked_for() {
        let type_of = |object: &Value| read::<core::Service>(object).spec.unwrap().type_.unwrap();
        assert_eq!(type_of(&service("a", "b").cluster_ip()), "ClusterIP");
        assert_eq!(type_of(&service("a", "b").node_port()), "NodePort");
        let pending = service("a", "b").pending();
        assert_eq!(type_of(&pending), "LoadBalancer");
        let status = read::<core::Service>(&pending).status.unwrap();
        assert_eq!(status.load_balancer.unwrap().ingress, None);
    }

    #[test]
    fn a_deployment_is_available_when_all_its_replicas_are() {
        let available = |object: &Value| {
            let deployment: v1::Deployment = read(object);
            let conditions = deployment.status.unwrap().conditions.unwrap();
            conditions.into_iter().find(|condition| condition.type_ == "Available").unwrap().status
        };
        assert_eq!(available(&deployment("a", "b", 2, 2)), "True");
        assert_eq!(available(&deployment("a", "b", 2, 1)), "False");
    }

    #[test]
    fn a_pod_is_how_it_was_left() {
        let of = |object: &Value| {
            let status = read::<core::Pod>(object).status.unwrap();
            let conditions = status.conditions.unwrap();
            let ready = conditions.iter().find(|condition| condition.type_ == "Ready");
            (status.phase.unwrap(), ready.map(|condition| condition.status.clone()))
        };
        let is = |phase: &str, ready: &str| (phase.to_owned(), Some(ready.to_owned()));
        assert_eq!(of(&pod("a", "b")), is("Running", "True"));
        assert_eq!(of(&pod("a", "b").not_ready()), is("Running", "False"));
        assert_eq!(of(&pod("a", "b").ended(0)), is("Succeeded", "False"));
        assert_eq!(of(&pod("a", "b").ended(1)), is("Failed", "False"));
        assert_eq!(of(&pod("a", "b").waiting("ImagePullBackOff", "gone")), is("Pending", "False"));
        assert_eq!(of(&pod("a", "b").unschedulable("no node")), ("Pending".to_owned(), None));
        let labels = read::<core::Pod>(&pod("a", "b-1").app("b")).metadata.labels.unwrap();
        assert_eq!(labels["app"], "b");
    }

    #[test]
    fn a_daemon_set_counts_its_pods() {
        let object = daemon_set("a", "b", 3, 2).updated(1).unobserved();
        let set: v1::DaemonSet = read(&object);
        let status = set.status.unwrap();
        assert_eq!((status.desired_number_scheduled, status.number_available), (3, Some(2)));
        assert_eq!((status.updated_number_scheduled, status.number_unavailable), (Some(1), Some(1)));
        assert!(status.observed_generation < set.metadata.generation);
    }

    #[test]
    fn what_is_managed_says_by_whom() {
        let object: core::Namespace = read(&managed_by(&namespace("a"), "helm"));
        let entries = object.metadata.managed_fields.unwrap();
        assert_eq!(entries[0].manager.as_deref(), Some("helm"));
        let label = "f:kubernetes.io/metadata.name";
        assert!(entries[0].fields_v1.as_ref().unwrap().0["f:metadata"]["f:labels"][label].is_object());
    }

    #[test]
    fn the_others_are_what_they_say() {
        let node: core::Node =
            read(&node("n").address("10.0.0.1").not_ready("KubeletNotReady", "no network"));
        let status = node.status.unwrap();
        assert_eq!(status.addresses.unwrap()[0].address, "10.0.0.1");
        assert_eq!(status.conditions.unwrap()[0].status, "False");

        let event: core::Event =
            read(&event("a", "Pod", "p").warning("BackOff", "image is gone").at("2024-05-06T07:08:09Z"));
        assert_eq!(event.involved_object.name.as_deref(), Some("p"));
        assert_eq!((event.type_.as_deref(), event.reason.as_deref()), (Some("Warning"), Some("BackOff")));

        let map: core::ConfigMap = read(&config_map("a", "b", "key", "text"));
        assert_eq!(map.data.unwrap()["key"], "text");

        let application = application("a", "b").health("Degraded", "a pod fails").sync("OutOfSync");
        assert_eq!(application["status"]["health"]["status"], "Degraded");
        assert_eq!(application["status"]["sync"]["status"], "OutOfSync");
    }
}
