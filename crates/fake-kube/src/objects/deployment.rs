use serde_json::{Value, json};

use super::json_object;

/// A Deployment being put together.
#[derive(Clone, Debug)]
pub struct Deployment(Value);

json_object!(Deployment);

/// A Deployment of so many replicas, of which some are available. Its rollout
/// is over when all are.
pub fn deployment(namespace: &str, name: &str, replicas: u32, available: u32) -> Deployment {
    let is_available = available >= replicas;
    let (status, reason) = if is_available {
        ("True", "MinimumReplicasAvailable")
    } else {
        ("False", "MinimumReplicasUnavailable")
    };
    let not = if is_available { "" } else { " not" };
    Deployment(json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": { "namespace": namespace, "name": name, "generation": 1 },
        "spec": {
            "replicas": replicas,
            "selector": { "matchLabels": { "app": name } },
            "template": {
                "metadata": { "labels": { "app": name } },
                "spec": { "containers": [{ "name": name, "image": name }] },
            },
        },
        "status": {
            "observedGeneration": 1,
            "replicas": replicas,
            "updatedReplicas": replicas,
            "readyReplicas": available,
            "availableReplicas": available,
            "unavailableReplicas": replicas.saturating_sub(available),
            "conditions": [{
                "type": "Available",
                "status": status,
                "reason": reason,
                "message": format!("Deployment does{not} have minimum availability."),
            }],
        },
    }))
}

impl Deployment {
    /// Changed since its controller last looked at it.
    #[must_use]
    pub fn unobserved(mut self) -> Self {
        self.0["metadata"]["generation"] = json!(2);
        self
    }
}
