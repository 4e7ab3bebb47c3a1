//! Objects, lists and watch events as an API writes them.

use serde_json::{Value, json};

use super::script::Answer;

/// A load balancer with this `ingress`, on port 443.
pub(crate) fn service(ingress: &Value) -> Value {
    json!({
        "metadata": {"name": "argocd-server", "namespace": "argocd", "resourceVersion": "7"},
        "spec": {"type": "LoadBalancer", "ports": [{"port": 443}]},
        "status": {"loadBalancer": {"ingress": ingress}},
    })
}

/// The same with one address.
pub(crate) fn service_at(ip: &str) -> Value {
    service(&json!([{"ip": ip}]))
}

/// A `ConfigMap` with a host list.
pub(crate) fn hosts(data: &Value) -> Value {
    json!({"metadata": {"name": "hosts", "namespace": "orch", "resourceVersion": "7"}, "data": data})
}

pub(crate) fn list(items: &[Value]) -> Answer {
    Answer::Body(
        200,
        json!({"kind": "List", "metadata": {"resourceVersion": "7"}, "items": items}).to_string(),
    )
}

pub(crate) fn event(kind: &str, object: &Value) -> String {
    json!({"type": kind, "object": object}).to_string()
}

pub(crate) fn status(code: u16, message: &str) -> Answer {
    Answer::Body(code, failure(code, message).to_string())
}

pub(crate) fn failure(code: u16, message: &str) -> Value {
    json!({"kind": "Status", "status": "Failure", "code": code, "message": message, "reason": "So"})
}
