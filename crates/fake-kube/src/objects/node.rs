use serde_json::{Value, json};

use super::{json_object, push};

/// A Node being put together.
#[derive(Clone, Debug)]
pub struct Node(Value);

json_object!(Node);

/// A Node that is ready and has only its host name for an address.
pub fn node(name: &str) -> Node {
    let node = json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": { "name": name, "labels": { "kubernetes.io/hostname": name } },
        "spec": {},
        "status": {},
    });
    Node(node).condition("True", "KubeletReady", "kubelet is posting ready status")
}

impl Node {
    /// With one more address inside the cluster.
    #[must_use]
    pub fn address(mut self, address: &str) -> Self {
        push(&mut self.0["status"]["addresses"], json!({ "type": "InternalIP", "address": address }));
        self
    }

    /// Not ready, and why: a CamelCase word and a sentence.
    #[must_use]
    pub fn not_ready(self, reason: &str, message: &str) -> Self {
        self.condition("False", reason, message)
    }

    fn condition(mut self, status: &str, reason: &str, message: &str) -> Self {
        self.0["status"]["conditions"] =
            json!([{ "type": "Ready", "status": status, "reason": reason, "message": message }]);
        self
    }
}
