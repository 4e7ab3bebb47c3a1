//! What the real client writes is there, and what it may not write is not.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests panic")]

use fake_kube::{FakeKube, objects};
use k8s_openapi::api::core::v1::{ConfigMap, Service};
use kube::{
    Api, Error,
    api::{DeleteParams, Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};

mod common;
use common::{client, colour};

async fn maps(kube: &FakeKube) -> Api<ConfigMap> {
    Api::namespaced(client(kube).await, "default")
}

fn sky(colour: &str) -> ConfigMap {
    serde_json::from_value(objects::config_map("default", "sky", "colour", colour)).unwrap()
}

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> (u16, String) {
    match result {
        Err(Error::Api(status)) => (status.code, status.reason),
        other => panic!("an answer of the API: {other:?}"),
    }
}

#[tokio::test]
async fn an_object_is_made_once() {
    let kube = FakeKube::start();
    let maps = maps(&kube).await;
    let made = maps.create(&PostParams::default(), &sky("blue")).await.unwrap();
    assert!(made.metadata.uid.is_some() && made.metadata.resource_version.is_some());
    assert_eq!(kube.get("ConfigMap", "default", "sky").unwrap()["data"]["colour"], "blue");
    let again = maps.create(&PostParams::default(), &sky("grey")).await;
    assert_eq!(code(again), (409, "AlreadyExists".to_owned()));
}

#[tokio::test]
async fn an_object_is_replaced_only_as_it_was_read() {
    let kube = FakeKube::start();
    kube.apply(&objects::config_map("default", "sky", "colour", "blue"));
    let maps = maps(&kube).await;
    let mut read = maps.get("sky").await.unwrap();
    read.data = sky("grey").data;
    let written = maps.replace("sky", &PostParams::default(), &read).await.unwrap();
    assert_eq!(colour(&written), "grey");
    let stale = maps.replace("sky", &PostParams::default(), &read).await;
    assert_eq!(code(stale), (409, "Conflict".to_owned()));
    let other = maps.replace("sea", &PostParams::default(), &sky("grey")).await;
    assert_eq!(code(other), (404, "NotFound".to_owned()));
}

#[tokio::test]
async fn a_merge_patch_is_understood_and_a_strategic_one_is_not() {
    let kube = FakeKube::start();
    kube.apply(&objects::config_map("default", "sky", "colour", "blue"));
    let maps = maps(&kube).await;
    let patch = json!({ "data": { "colour": null, "cloud": "white" } });
    let patched = maps.patch("sky", &PatchParams::default(), &Patch::Merge(&patch)).await.unwrap();
    assert_eq!(Value::from_iter(patched.data.unwrap()), json!({ "cloud": "white" }));
    let strategic = maps.patch("sky", &PatchParams::default(), &Patch::Strategic(&patch)).await;
    assert_eq!(code(strategic), (415, "UnsupportedMediaType".to_owned()));
}

#[tokio::test]
async fn a_status_changes_through_its_subresource_only() {
    let kube = FakeKube::start();
    kube.apply(&objects::service("a", "b").load_balancer("10.0.0.1"));
    let services = Api::<Service>::namespaced(client(&kube).await, "a");
    let patch = Patch::Merge(json!({
        "metadata": { "labels": { "seen": "yes" } },
        "status": { "loadBalancer": { "ingress": [{ "ip": "10.0.0.2" }] } },
    }));
    let address = |service: &Value| service["status"]["loadBalancer"]["ingress"][0]["ip"].clone();

    services.patch("b", &PatchParams::default(), &patch).await.unwrap();
    let service = kube.get("Service", "a", "b").unwrap();
    assert_eq!(
        (&service["metadata"]["labels"]["seen"], address(&service)),
        (&json!("yes"), json!("10.0.0.1"))
    );

    services.patch_status("b", &PatchParams::default(), &patch).await.unwrap();
    assert_eq!(address(&kube.get("Service", "a", "b").unwrap()), "10.0.0.2");
}

#[tokio::test]
async fn an_object_is_deleted_once() {
    let kube = FakeKube::start();
    kube.apply(&objects::config_map("default", "sky", "colour", "blue"));
    let maps = maps(&kube).await;
    maps.delete("sky", &DeleteParams::default()).await.unwrap();
    assert_eq!(kube.get("ConfigMap", "default", "sky"), None);
    let again = maps.delete("sky", &DeleteParams::default()).await;
    assert_eq!(code(again), (404, "NotFound".to_owned()));
}

#[tokio::test]
async fn an_object_is_what_it_is_sent_as() {
    let kube = FakeKube::start();
    let mut elsewhere = sky("blue");
    elsewhere.metadata.namespace = Some("elsewhere".to_owned());
    let maps = maps(&kube).await;
    // The namespace sent is the one of the path: a create may not differ.
    assert_eq!(code(maps.create(&PostParams::default(), &elsewhere).await).0, 400);
    assert_eq!(kube.get("ConfigMap", "default", "sky"), None);
}
