//! Pods, and what makes them on nodes.

use fake_kube::objects::{daemon_set, pod};
use serde_json::{Value, json};

use super::{Kind, told, with};

const UNREADY: &str = " [Ready is False, ContainersNotReady: containers with unready status: [b]]";

#[track_caller]
fn assert_pod(pod: impl Into<Value>, expected: &str) {
    assert_eq!(told(Kind::Pod, pod), expected);
}

#[test]
fn a_pod_is_ready_by_its_condition_or_when_it_has_succeeded() {
    assert_pod(pod("a", "b"), "+its condition Ready is True");
    assert_pod(pod("a", "b").ended(0), "+has succeeded");
    assert_pod(with(pod("a", "b"), "/status", json!({})), "Pending");
    assert_pod(
        with(pod("a", "b"), "/metadata/deletionTimestamp", json!("2026-01-01T00:00:00Z")),
        "is being deleted",
    );
}

#[test]
fn a_pod_tells_what_its_containers_wait_for() {
    assert_pod(pod("a", "b").not_ready(), &format!("Running: container `b` runs, and is not ready{UNREADY}"));
    let pulls = pod("a", "b").waiting("ImagePullBackOff", "Back-off pulling\nimage \"b\"");
    let why = "Pending: container `b` waits, ImagePullBackOff: Back-off pulling image \"b\"";
    assert_pod(pulls, &format!("{why}{UNREADY}"));
    assert_pod(
        pod("a", "b").ended(3),
        &format!("Failed: container `b` ended with exit code 3, Error{UNREADY}"),
    );

    let crashes = json!([
        { "name": "first", "state": { "waiting": { "reason": "PodInitializing" } } },
        { "name": "second", "state": { "waiting": { "reason": "CrashLoopBackOff" } },
          "lastState": { "terminated": { "exitCode": 137, "reason": "OOMKilled" } } },
    ]);
    let crashing = with(pod("a", "b").not_ready(), "/status/containerStatuses", crashes.clone());
    let why = "container `second` waits, CrashLoopBackOff; it ended with exit code 137, OOMKilled";
    assert_pod(crashing.clone(), &format!("Running: {why}{UNREADY}"));
    // Containers that prepare come before those that they prepare for.
    let init = json!([
        { "name": "done", "state": { "terminated": { "exitCode": 0, "reason": "Completed" } } },
        { "name": "init", "state": { "waiting": { "reason": "ErrImagePull" } } },
    ]);
    let preparing = with(crashing, "/status/initContainerStatuses", init);
    assert_pod(preparing, &format!("Running: container `init` waits, ErrImagePull{UNREADY}"));
    let creating = pod("a", "b").waiting("ContainerCreating", "");
    assert_pod(creating, &format!("Pending: container `b` waits, ContainerCreating{UNREADY}"));
}

#[test]
fn a_pod_tells_that_it_has_no_node_or_lost_it() {
    assert_pod(
        pod("a", "b").unschedulable("0/1 nodes are available: 1 Insufficient memory."),
        "Pending: it has no node [PodScheduled is False, Unschedulable: \
         0/1 nodes are available: 1 Insufficient memory.]",
    );
    let status = json!({ "phase": "Failed", "reason": "Evicted", "message": "The node was low on memory." });
    assert_pod(with(pod("a", "b"), "/status", status), "Failed: Evicted: The node was low on memory.");
}

#[test]
fn a_daemon_set_is_available_when_its_rollout_is_complete() {
    let told = |value: Value| told(Kind::DaemonSet, value);
    assert_eq!(told(daemon_set("a", "b", 3, 3).into()), "+3 of 3 pods are available");
    assert_eq!(told(daemon_set("a", "b", 3, 1).into()), "1 of 3 pods are available");
    assert_eq!(told(daemon_set("a", "b", 3, 3).updated(2).into()), "2 of 3 pods are of the latest version");
    let not_yet = "its latest change has not been acted on yet";
    assert_eq!(told(daemon_set("a", "b", 3, 3).unobserved().into()), not_yet);
    assert_eq!(told(daemon_set("a", "b", 0, 0).into()), "+no node is to have its pod");
    // As an API server makes it, before its controller has counted the nodes.
    let fresh = json!({ "currentNumberScheduled": 0, "desiredNumberScheduled": 0, "numberMisscheduled": 0, "numberReady": 0 });
    assert_eq!(told(with(daemon_set("a", "b", 0, 0), "/status", fresh)), not_yet);
}
