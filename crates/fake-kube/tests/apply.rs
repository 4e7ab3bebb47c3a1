//! What the real client applies is there, unless it is another's.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests panic")]

use fake_kube::{FakeKube, objects};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api, Client, Error,
    api::{DynamicObject, Patch, PatchParams},
    core::GroupVersionKind,
    core::Status,
    discovery,
};
use serde_json::{Value, json};

mod common;
use common::client;

async fn apply(kube: &FakeKube, manager: &str, data: Value) -> Result<ConfigMap, Box<Status>> {
    let maps: Api<ConfigMap> = Api::namespaced(client(kube).await, "a");
    let object = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "sky" }, "data": data,
    });
    let answer = maps.patch("sky", &PatchParams::apply(manager), &Patch::Apply(object)).await;
    answer.map_err(refusal)
}

fn refusal(error: Error) -> Box<Status> {
    match error {
        Error::Api(status) => status,
        other => panic!("an answer of the API: {other:?}"),
    }
}

fn with_namespace() -> FakeKube {
    let kube = FakeKube::start();
    kube.apply(&objects::namespace("a"));
    kube
}

fn sky(kube: &FakeKube) -> Value {
    kube.get("ConfigMap", "a", "sky").unwrap()["data"].clone()
}

#[tokio::test]
async fn what_is_applied_again_is_as_it_was() {
    let kube = with_namespace();
    let made = apply(&kube, "me", json!({ "day": "blue" })).await.unwrap();
    let again = apply(&kube, "me", json!({ "day": "blue" })).await.unwrap();
    assert_eq!(made.metadata.resource_version, again.metadata.resource_version);
    assert_eq!(made.metadata.namespace.as_deref(), Some("a"));
    let changed = apply(&kube, "me", json!({ "day": "grey" })).await.unwrap();
    assert_ne!(again.metadata.resource_version, changed.metadata.resource_version);
    assert_eq!(sky(&kube), json!({ "day": "grey" }));
}

#[tokio::test]
async fn managers_share_an_object_and_leave_what_is_the_others() {
    let kube = with_namespace();
    apply(&kube, "me", json!({ "day": "blue", "dusk": "red" })).await.unwrap();
    apply(&kube, "you", json!({ "night": "black", "dusk": "red" })).await.unwrap();
    assert_eq!(sky(&kube), json!({ "day": "blue", "dusk": "red", "night": "black" }));
    // What one gives up goes, if nobody else has set it.
    apply(&kube, "me", json!({ "dawn": "pink" })).await.unwrap();
    assert_eq!(sky(&kube), json!({ "dawn": "pink", "dusk": "red", "night": "black" }));
}

#[tokio::test]
async fn a_field_of_another_manager_is_a_conflict() {
    let kube = with_namespace();
    let map = objects::config_map("a", "sky", "day", "blue");
    kube.apply(&objects::managed_by(&map, "helm"));
    let status = apply(&kube, "me", json!({ "day": "grey" })).await.unwrap_err();
    assert_eq!((status.code, status.reason.as_str()), (409, "Conflict"));
    assert_eq!(status.message, "Apply failed with 1 conflict: conflict with \"helm\": .data.day");
    let cause = &status.details.unwrap().causes[0];
    assert_eq!((cause.reason.as_str(), cause.field.as_str()), ("FieldManagerConflict", ".data.day"));
    assert_eq!(cause.message, "conflict with \"helm\"");
    assert_eq!(sky(&kube), json!({ "day": "blue" }));
    apply(&kube, "me", json!({ "day": "blue" })).await.unwrap();
}

#[tokio::test]
async fn nothing_comes_where_there_is_no_namespace_or_it_goes() {
    let kube = FakeKube::start();
    let status = apply(&kube, "me", json!({})).await.unwrap_err();
    assert_eq!((status.code, status.message.as_str()), (404, "namespaces \"a\" not found"));
    let mut leaving = objects::namespace("a");
    leaving["metadata"]["deletionTimestamp"] = json!("2024-01-01T00:00:00Z");
    kube.apply(&leaving);
    let status = apply(&kube, "me", json!({})).await.unwrap_err();
    assert_eq!(status.code, 403);
    assert_eq!(status.details.unwrap().causes[0].reason, "NamespaceTerminating");
}

#[tokio::test]
async fn an_apply_without_a_manager_or_by_force_is_refused() {
    let kube = with_namespace();
    assert_eq!(apply(&kube, "", json!({})).await.unwrap_err().code, 422);
    let maps: Api<ConfigMap> = Api::namespaced(client(&kube).await, "a");
    let object = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "sky" } });
    let forced = maps.patch("sky", &PatchParams::apply("me").force(), &Patch::Apply(object)).await;
    assert_eq!(refusal(forced.unwrap_err()).code, 400);
}

async fn pools(client: &Client) -> Result<Api<DynamicObject>, Error> {
    let pool = GroupVersionKind::gvk("metallb.io", "v1beta1", "IPAddressPool");
    let (kind, _) = discovery::pinned_kind(client, &pool).await?;
    Ok(Api::namespaced_with(client.clone(), "a", &kind))
}

#[tokio::test]
async fn a_kind_is_known_while_its_group_is_defined() {
    let kube = FakeKube::start();
    let client = client(&kube).await;
    let known = pools(&client).await.unwrap();
    assert_eq!(refusal(known.get("x").await.unwrap_err()).details.unwrap().name, "x");
    kube.undefine("metallb.io");
    assert_eq!(refusal(pools(&client).await.unwrap_err()).code, 404);
    let status = refusal(known.get("x").await.unwrap_err());
    assert_eq!((status.code, status.message.as_str(), status.details), (404, "404 page not found", None));
    kube.define("metallb.io");
    assert!(pools(&client).await.is_ok());
}
