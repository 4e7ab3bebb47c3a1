//! Objects as real clusters have them, and what is said of them.

mod pods;

use fake_kube::objects::{application, deployment, node, service};
use kube::core::DynamicObject;
use serde_json::{Value, json};

use super::state::{State, absent, state};
use super::{Awaited, Kind, Standing, Until};
use crate::Error;
use crate::follow::Update;

#[track_caller]
fn object(value: impl Into<Value>) -> DynamicObject {
    serde_json::from_value(value.into()).unwrap()
}

/// The same object with a part of it replaced.
fn with(value: impl Into<Value>, pointer: &str, part: Value) -> Value {
    let mut value = value.into();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    value.pointer_mut(parent).unwrap()[key] = part;
    value
}

/// What is said of the object by default for its kind; `+` before it is ready.
#[track_caller]
fn told(kind: Kind, value: impl Into<Value>) -> String {
    text(&state(kind, &object(value), kind.default_until()))
}

#[track_caller]
fn told_of(value: impl Into<Value>, until: &Until) -> String {
    text(&state(Kind::Node, &object(value), std::slice::from_ref(until)))
}

fn text(state: &State) -> String {
    let condition = state.condition().map(|it| format!(" [{it}]")).unwrap_or_default();
    format!("{}{}{condition}", if state.is_ready() { "+" } else { "" }, state.text())
}

#[test]
fn a_service_is_ready_with_an_address_or_a_name() {
    let told = |value| told(Kind::Service, value);
    assert_eq!(told(service("a", "b").load_balancer("10.0.0.1")), "+has the address 10.0.0.1");
    let two = service("a", "b").load_balancer("10.0.0.1").ingress_host("lb.example");
    assert_eq!(told(two), "+has the addresses 10.0.0.1, lb.example");
    assert_eq!(told(service("a", "b").pending()), "its load balancer has no address yet");
    assert_eq!(told(service("a", "b").node_port()), "it is of type NodePort, not LoadBalancer");
    let empty = with(service("a", "b").pending(), "/status/loadBalancer/ingress", json!([{}]));
    assert_eq!(self::told(Kind::Service, empty), "its load balancer has no address yet");
}

#[test]
fn a_deployment_is_available_when_its_rollout_is_complete() {
    let told = |value: Value| told(Kind::Deployment, value);
    let whole = || Value::from(deployment("a", "b", 3, 3));
    assert_eq!(told(whole()), "+3 of 3 replicas are available");
    assert_eq!(
        told(deployment("a", "b", 3, 1).into()),
        "1 of 3 replicas are available [Available is False, MinimumReplicasUnavailable: \
         Deployment does not have minimum availability.]"
    );
    let updated = with(whole(), "/status/updatedReplicas", json!(1));
    assert_eq!(told(updated), "1 of 3 replicas are of the latest version");
    let earlier = with(whole(), "/status/replicas", json!(4));
    assert_eq!(told(earlier), "replicas of an earlier version are still there: 1");
    assert_eq!(
        told(deployment("a", "b", 3, 3).unobserved().into()),
        "its latest change has not been acted on yet"
    );
    assert_eq!(told(with(whole(), "/status", json!({}))), "its latest change has not been acted on yet");
    assert_eq!(told(deployment("a", "b", 0, 0).into()), "+0 of 0 replicas are available");
}

#[test]
fn a_deployment_tells_what_keeps_its_rollout() {
    let failing = with(
        deployment("a", "b", 2, 0),
        "/status/conditions",
        json!([
            { "type": "Available", "status": "False", "reason": "MinimumReplicasUnavailable" },
            { "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded",
              "message": "ReplicaSet \"b-7c5\" has timed out progressing." },
        ]),
    );
    assert_eq!(
        told(Kind::Deployment, failing),
        "0 of 2 replicas are available [Progressing is False, ProgressDeadlineExceeded: \
         ReplicaSet \"b-7c5\" has timed out progressing.]"
    );
}

#[test]
fn a_node_is_ready_by_its_condition() {
    let told = |value: Value| told(Kind::Node, value);
    assert_eq!(told(node("a").into()), "+its condition Ready is True");
    assert_eq!(
        told(node("a").not_ready("KubeletNotReady", "no network\nplugin").into()),
        "its condition Ready is False [Ready is False, KubeletNotReady: no network plugin]"
    );
    assert_eq!(told(with(node("a"), "/status", json!({}))), "it has no condition Ready yet");
}

#[test]
fn conditions_of_an_earlier_generation_are_not_believed() {
    let condition = json!([{ "type": "Done", "status": "True", "observedGeneration": 1 }]);
    let conditions = with(node("a"), "/status/conditions", condition);
    let changed = with(conditions.clone(), "/metadata/generation", json!(2));
    let current = with(conditions, "/metadata/generation", json!(1));
    let done = Until::Condition { name: "done".into(), status: "true".into() };
    assert_eq!(told_of(current, &done), "+its condition Done is True");
    assert_eq!(told_of(changed, &done), "it has no condition done yet");
    let available = Until::Condition { name: "Available".into(), status: "True".into() };
    assert_eq!(
        told_of(deployment("a", "b", 1, 1).unobserved(), &available),
        "its latest change has not been acted on yet"
    );
    assert_eq!(told_of(deployment("a", "b", 1, 1), &available), "+its condition Available is True");
}

#[test]
fn an_application_is_healthy_and_synced() {
    let told = |value: Value| told(Kind::Application, value);
    let app = || application("argocd", "root");
    assert_eq!(told(app().health("Healthy", "").sync("Synced").into()), "+Synced, Healthy");
    assert_eq!(
        told(app().health("Degraded", "a pod fails").sync("OutOfSync").into()),
        "OutOfSync, Degraded: a pod fails"
    );
    assert_eq!(told(app().health("Progressing", "").sync("Synced").into()), "Progressing");
    assert_eq!(
        told(app().into()),
        "it has not been compared with its source yet, its health is not known yet"
    );
    let resources = json!([
        { "kind": "Service", "name": "x", "health": { "status": "Healthy" } },
        { "kind": "Deployment", "name": "y", "health": { "status": "Degraded", "message": "no pods" } },
    ]);
    let culprit = with(app().health("Degraded", "").sync("Synced"), "/status/resources", resources);
    assert_eq!(told(culprit), "Degraded: Deployment `y`: no pods");
}

#[test]
fn an_application_is_not_synced_while_an_operation_is_under_way() {
    let synced = || Value::from(application("argocd", "root").health("Healthy", "").sync("Synced"));
    let operation = |phase: &str| json!({ "phase": phase, "message": "one hook to go" });
    let running = with(synced(), "/status/operationState", operation("Running"));
    assert_eq!(told(Kind::Application, running), "its operation is under way: one hook to go");
    let over = with(synced(), "/status/operationState", operation("Succeeded"));
    assert_eq!(told(Kind::Application, over), "+Synced, Healthy");
    let asked = with(synced(), "/operation", json!({ "sync": {} }));
    assert_eq!(told(Kind::Application, asked), "its operation is under way");
    let out_of_sync = application("argocd", "root").health("Healthy", "").sync("OutOfSync");
    let failed = with(out_of_sync, "/status/operationState", operation("Failed"));
    assert_eq!(told(Kind::Application, failed), "OutOfSync: its last operation failed: one hook to go");
}

#[test]
fn what_an_application_says_of_an_earlier_source_is_not_believed() {
    let synced = Value::from(application("argocd", "root").health("Healthy", "").sync("Synced"));
    let compared = json!({ "source": synced["spec"]["source"] });
    let same = with(synced, "/status/sync/comparedTo", compared);
    assert_eq!(told(Kind::Application, same.clone()), "+Synced, Healthy");
    let moved = with(same, "/spec/source/targetRevision", json!("v2"));
    assert_eq!(told(Kind::Application, moved), "its new source has not been looked at yet");
}

#[test]
fn an_application_tells_of_its_error() {
    let unknown = application("argocd", "root").health("Healthy", "").sync("Unknown");
    let conditions = json!([{ "type": "ComparisonError", "message": "cannot fetch the repository" }]);
    assert_eq!(
        told(Kind::Application, with(unknown, "/status/conditions", conditions)),
        "Unknown [ComparisonError: cannot fetch the repository]"
    );
}

#[test]
fn what_is_being_deleted_is_not_ready() {
    let ready = with(node("a"), "/metadata/deletionTimestamp", json!("2026-01-01T00:00:00Z"));
    assert_eq!(told(Kind::Node, ready.clone()), "is being deleted");
    assert_eq!(told_of(ready.clone(), &Until::Deleted), "is being deleted");
    let held = with(ready, "/metadata/finalizers", json!(["example.com/keep"]));
    assert_eq!(
        told_of(held, &Until::Deleted),
        "is being deleted, and waits for its finalizers `example.com/keep`"
    );
    assert_eq!(told_of(node("a"), &Until::Deleted), "still exists, and nobody has deleted it");
    assert_eq!(text(&absent(&[Until::Deleted])), "+does not exist any more");
    assert_eq!(text(&absent(&[Until::Ready])), "does not exist");
}

fn nodes(until: Until) -> Standing {
    Standing::new(Awaited { kind: Kind::Node, namespace: None, name: None, until: vec![until] })
}

#[test]
fn all_of_a_kind_are_ready_once_there_is_one() {
    let mut all = nodes(Until::Ready);
    assert!(!all.is_ready(), "nothing has been seen");
    all.take(Update::All(Vec::new()));
    assert_eq!((all.is_ready(), all.to_string()), (false, "there is no node".into()));
    let broken = node("b").not_ready("KubeletNotReady", "");
    all.take(Update::All(vec![object(node("a")), object(broken)]));
    assert_eq!((all.is_ready(), all.to_string()), (false, "1 of 2 are ready, not `b`".into()));
    assert!(all.take(Update::There(object(node("b")))));
    assert_eq!((all.is_ready(), all.to_string()), (true, "all 2 are ready".into()));
    assert!(!all.take(Update::There(object(node("b")))), "nothing has changed");
    all.take(Update::Gone(object(node("b"))));
    assert_eq!(all.to_string(), "all 1 are ready");
}

#[test]
fn all_of_a_kind_are_deleted_when_there_is_none() {
    let mut all = nodes(Until::Deleted);
    all.take(Update::All(vec![object(node("a"))]));
    assert_eq!((all.is_ready(), all.to_string()), (false, "0 of 1 are gone, not `a`".into()));
    all.take(Update::Gone(object(node("a"))));
    assert_eq!((all.is_ready(), all.to_string()), (true, "there is no node".into()));
}

#[test]
fn nothing_is_ready_while_the_cluster_does_not_tell() {
    let mut all = nodes(Until::Ready);
    all.take(Update::All(vec![object(node("a"))]));
    assert!(all.is_ready());
    let trouble = Error::Unreachable { server: "s".into(), reason: "connection refused".into() };
    assert!(all.take(Update::Trouble(trouble)));
    let told = "the cluster at `s` cannot be reached: connection refused";
    assert_eq!((all.is_ready(), all.to_string()), (false, told.into()));
    // It told again, though no watch holds yet.
    assert!(all.take(Update::All(vec![object(node("a"))])));
    assert_eq!((all.is_ready(), all.to_string()), (true, "all 1 are ready".into()));
}
