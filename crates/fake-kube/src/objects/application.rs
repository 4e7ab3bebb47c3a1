use serde_json::{Value, json};

use super::json_object;

/// An Argo CD Application being put together.
#[derive(Clone, Debug)]
pub struct Application(Value);

json_object!(Application);

/// An Application that Argo CD has not looked at yet.
pub fn application(namespace: &str, name: &str) -> Application {
    Application(json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": { "namespace": namespace, "name": name },
        "spec": {
            "project": "default",
            "source": { "repoURL": "https://git.example/repository", "path": name, "targetRevision": "main" },
            "destination": { "server": "https://kubernetes.default.svc", "namespace": name },
        },
    }))
}

impl Application {
    /// `Healthy`, `Progressing`, `Degraded`, `Suspended`, `Missing` or
    /// `Unknown`, and why; nothing for no reason.
    #[must_use]
    pub fn health(mut self, status: &str, message: &str) -> Self {
        self.0["status"]["health"] = json!({ "status": status });
        if !message.is_empty() {
            self.0["status"]["health"]["message"] = json!(message);
        }
        self
    }

    /// `Synced`, `OutOfSync` or `Unknown`.
    #[must_use]
    pub fn sync(mut self, status: &str) -> Self {
        self.0["status"]["sync"] = json!({ "status": status });
        self
    }
}
