use serde_json::{Value, json};

use super::json_object;

/// A `DaemonSet` being put together.
#[derive(Clone, Debug)]
pub struct DaemonSet(Value);

json_object!(DaemonSet);

/// A `DaemonSet` with a pod of the latest version on so many nodes, of which
/// some are available.
pub fn daemon_set(namespace: &str, name: &str, nodes: u32, available: u32) -> DaemonSet {
    DaemonSet(json!({
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": { "namespace": namespace, "name": name, "generation": 1 },
        "spec": {
            "selector": { "matchLabels": { "app": name } },
            "template": {
                "metadata": { "labels": { "app": name } },
                "spec": { "containers": [{ "name": name, "image": name }] },
            },
        },
        "status": {
            "observedGeneration": 1,
            "desiredNumberScheduled": nodes,
            "currentNumberScheduled": nodes,
            "updatedNumberScheduled": nodes,
            "numberMisscheduled": 0,
            "numberReady": available,
            "numberAvailable": available,
            "numberUnavailable": nodes.saturating_sub(available),
        },
    }))
}

impl DaemonSet {
    /// Only so many of its pods are of the latest version.
    #[must_use]
    pub fn updated(mut self, pods: u32) -> Self {
        self.0["status"]["updatedNumberScheduled"] = json!(pods);
        self
    }

    /// Changed since its controller last looked at it.
    #[must_use]
    pub fn unobserved(mut self) -> Self {
        self.0["metadata"]["generation"] = json!(2);
        self
    }
}
