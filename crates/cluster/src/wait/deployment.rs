//! Deployments: whether the rollout is complete.

use kube::core::DynamicObject;
use serde_json::Value;

use super::condition::{Condition, is_stale};
use super::state::State;

/// Ready when every replica is of the latest version and available, as
/// `kubectl rollout status` has it.
pub(super) fn available(deployment: &DynamicObject) -> State {
    let status = &deployment.data["status"];
    if is_stale(deployment) || status["observedGeneration"].is_null() {
        return State::not_ready("its latest change has not been acted on yet", None);
    }
    let count = |value: &Value| value.as_u64().unwrap_or(0);
    let wanted = deployment.data["spec"]["replicas"].as_u64().unwrap_or(1);
    let (updated, available) = (count(&status["updatedReplicas"]), count(&status["availableReplicas"]));
    let earlier = count(&status["replicas"]).saturating_sub(updated);
    let conditions = Condition::current(deployment);
    let why = if updated < wanted {
        format!("{updated} of {wanted} replicas are of the latest version")
    } else if earlier > 0 {
        format!("replicas of an earlier version are still there: {earlier}")
    } else if available < updated {
        format!("{available} of {wanted} replicas are available")
    } else if conditions.iter().any(|it| it.name == "Available" && it.status == "True") {
        return State::ready(format!("{available} of {wanted} replicas are available"));
    } else {
        "it is not available".to_owned()
    };
    State::not_ready(why, telling(conditions))
}

/// The condition that says most about what keeps the rollout.
fn telling(conditions: Vec<Condition>) -> Option<Condition> {
    let rank = |it: &Condition| match (it.name.as_str(), it.status.as_str()) {
        ("ReplicaFailure", "True") => 0,
        ("Progressing", "False") => 1,
        ("Available", "False" | "Unknown") => 2,
        _ => 3,
    };
    conditions.into_iter().filter(|it| rank(it) < 3).min_by_key(rank)
}
