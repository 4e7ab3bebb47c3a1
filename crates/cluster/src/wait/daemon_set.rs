//! `DaemonSets`: whether the rollout is complete.

use kube::core::DynamicObject;
use serde_json::Value;

use super::condition::is_stale;
use super::state::State;

/// Ready when each node that shall have a pod has one of the latest version
/// that is available, as `kubectl rollout status` has it; also when no node shall.
pub(super) fn available(daemon_set: &DynamicObject) -> State {
    let status = &daemon_set.data["status"];
    // The API server makes it 0 before the controller has looked.
    if is_stale(daemon_set) || status["observedGeneration"].as_i64().unwrap_or(0) == 0 {
        return State::not_ready("its latest change has not been acted on yet", None);
    }
    let count = |value: &Value| value.as_u64().unwrap_or(0);
    let wanted = count(&status["desiredNumberScheduled"]);
    let (updated, available) = (count(&status["updatedNumberScheduled"]), count(&status["numberAvailable"]));
    if updated < wanted {
        State::not_ready(format!("{updated} of {wanted} pods are of the latest version"), None)
    } else if available < wanted {
        State::not_ready(format!("{available} of {wanted} pods are available"), None)
    } else if wanted == 0 {
        State::ready("no node is to have its pod")
    } else {
        State::ready(format!("{available} of {wanted} pods are available"))
    }
}
