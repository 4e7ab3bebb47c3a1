use serde_json::{Value, json};

use super::json_object;

/// A Pod being put together.
#[derive(Clone, Debug)]
pub struct Pod(Value);

json_object!(Pod);

/// A Pod of one container, which runs and is ready. Pod, label `app` and
/// container have the same name.
pub fn pod(namespace: &str, name: &str) -> Pod {
    let pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "namespace": namespace, "name": name, "labels": { "app": name } },
        "spec": { "nodeName": "node", "containers": [{ "name": name, "image": name }] },
    });
    let running = json!({ "running": { "startedAt": "2024-01-01T00:00:00Z" } });
    Pod(pod).phase("Running").ready(true).container(&running, true)
}

impl Pod {
    /// With this label `app`, as what makes pods gives it to them.
    #[must_use]
    pub fn app(mut self, name: &str) -> Self {
        self.0["metadata"]["labels"]["app"] = json!(name);
        self
    }

    /// Its container runs, and is not ready.
    #[must_use]
    pub fn not_ready(self) -> Self {
        let running = json!({ "running": { "startedAt": "2024-01-01T00:00:00Z" } });
        self.ready(false).container(&running, false)
    }

    /// Its container waits, and why: a CamelCase word, and a sentence or nothing.
    #[must_use]
    pub fn waiting(self, reason: &str, message: &str) -> Self {
        let mut waiting = json!({ "reason": reason });
        if !message.is_empty() {
            waiting["message"] = json!(message);
        }
        self.phase("Pending").ready(false).container(&json!({ "waiting": waiting }), false)
    }

    /// Its container ended with this exit code, for 0 as it should.
    #[must_use]
    pub fn ended(self, exit_code: u8) -> Self {
        let (phase, reason) = if exit_code == 0 { ("Succeeded", "Completed") } else { ("Failed", "Error") };
        let terminated = json!({ "terminated": { "exitCode": exit_code, "reason": reason } });
        self.phase(phase).ready(false).container(&terminated, false)
    }

    /// No node takes it, and why.
    #[must_use]
    pub fn unschedulable(self, message: &str) -> Self {
        let mut pod = self.phase("Pending");
        pod.0["spec"]["nodeName"] = Value::Null;
        pod.0["status"] = json!({
            "phase": "Pending",
            "conditions": [{
                "type": "PodScheduled",
                "status": "False",
                "reason": "Unschedulable",
                "message": message,
            }],
        });
        pod
    }

    fn phase(mut self, phase: &str) -> Self {
        self.0["status"]["phase"] = json!(phase);
        self
    }

    fn ready(mut self, ready: bool) -> Self {
        let mut condition = json!({ "type": "Ready", "status": if ready { "True" } else { "False" } });
        if !ready {
            condition["reason"] = json!("ContainersNotReady");
            condition["message"] = json!(format!("containers with unready status: [{}]", self.name()));
        }
        self.0["status"]["conditions"] = json!([{ "type": "PodScheduled", "status": "True" }, condition]);
        self
    }

    fn container(mut self, state: &Value, ready: bool) -> Self {
        self.0["status"]["containerStatuses"] =
            json!([{ "name": self.name(), "image": self.name(), "ready": ready, "state": state }]);
        self
    }

    fn name(&self) -> &str {
        self.0["metadata"]["name"].as_str().unwrap_or_default()
    }
}
