use serde_json::{Value, json};

use super::json_object;

/// An Event being put together.
#[derive(Clone, Debug)]
pub struct Event(Value);

json_object!(Event);

/// An Event about an object of its namespace. Two about one object need two
/// [names](Event::named).
pub fn event(namespace: &str, kind: &str, name: &str) -> Event {
    let event = json!({
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": { "namespace": namespace, "name": format!("{name}.1") },
        "involvedObject": { "kind": kind, "namespace": namespace, "name": name },
        "source": { "component": "fake-kube" },
        "count": 1,
        "type": "Normal",
    });
    Event(event).at("2024-01-01T00:00:00Z")
}

impl Event {
    /// Under another name.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.0["metadata"]["name"] = json!(name);
        self
    }

    /// Of type Normal: a CamelCase word and a sentence.
    #[must_use]
    pub fn normal(self, reason: &str, message: &str) -> Self {
        self.told("Normal", reason, message)
    }

    /// Of type Warning: a CamelCase word and a sentence.
    #[must_use]
    pub fn warning(self, reason: &str, message: &str) -> Self {
        self.told("Warning", reason, message)
    }

    /// When it happened, for the first and the last time (RFC 3339).
    #[must_use]
    pub fn at(mut self, time: &str) -> Self {
        self.0["firstTimestamp"] = json!(time);
        self.0["lastTimestamp"] = json!(time);
        self
    }

    fn told(mut self, kind: &str, reason: &str, message: &str) -> Self {
        self.0["type"] = json!(kind);
        self.0["reason"] = json!(reason);
        self.0["message"] = json!(message);
        self
    }
}
