//! The real client reads what is there.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests panic")]

use fake_kube::{FakeKube, objects};
use k8s_openapi::api::core::v1::{ConfigMap, Event, Service};
use kube::{
    Api, Error,
    api::{ApiResource, DynamicObject, GroupVersionKind, ListParams, VersionMatch},
};

mod common;
use common::client;

fn map(namespace: &str, name: &str) -> serde_json::Value {
    objects::config_map(namespace, name, "colour", "blue")
}

async fn names(api: &Api<ConfigMap>, params: &ListParams) -> Vec<String> {
    let list = api.list(params).await.unwrap();
    list.items.into_iter().filter_map(|map| map.metadata.name).collect()
}

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> u16 {
    match result {
        Err(Error::Api(status)) => status.code,
        other => panic!("an answer of the API: {other:?}"),
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let kube = FakeKube::start();
    let client = client(&kube).await;
    let services = Api::<Service>::namespaced(client.clone(), "a");
    assert_eq!(code(services.get("b").await), 404);
    let unknown = ApiResource::from_gvk(&GroupVersionKind::gvk("example.com", "v1", "Thing"));
    let things = Api::<DynamicObject>::all_with(client, &unknown);
    assert_eq!(code(things.list(&ListParams::default()).await), 404);
}

#[tokio::test]
async fn a_list_is_of_a_namespace_or_of_all() {
    let kube = FakeKube::start();
    for (namespace, name) in [("b", "z"), ("a", "y"), ("b", "x")] {
        kube.apply(&map(namespace, name));
    }
    kube.apply(&objects::service("b", "w"));
    let client = client(&kube).await;
    let all = Api::<ConfigMap>::all(client.clone());
    assert_eq!(names(&all, &ListParams::default()).await, ["y", "x", "z"], "by namespace and name");
    let some = Api::<ConfigMap>::namespaced(client, "b");
    assert_eq!(names(&some, &ListParams::default()).await, ["x", "z"]);
    assert_eq!(names(&some, &ListParams::default().fields("metadata.name=z")).await, ["z"]);
}

#[tokio::test]
async fn events_are_found_by_what_they_are_about() {
    let kube = FakeKube::start();
    kube.apply(&objects::event("a", "Pod", "p").warning("BackOff", "the image is gone"));
    kube.apply(&objects::event("a", "Pod", "q").normal("Pulled", "the image is here"));
    let events = Api::<Event>::namespaced(client(&kube).await, "a");
    let params = ListParams::default().fields("involvedObject.kind=Pod,involvedObject.name=p");
    let found = events.list(&params).await.unwrap().items;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].reason.as_deref(), Some("BackOff"));
}

#[tokio::test]
async fn a_custom_kind_is_read_without_its_type() {
    let kube = FakeKube::start();
    kube.apply(&objects::application("argocd", "root").health("Healthy", "").sync("Synced"));
    let kind = GroupVersionKind::gvk("argoproj.io", "v1alpha1", "Application");
    let api =
        Api::<DynamicObject>::namespaced_with(client(&kube).await, "argocd", &ApiResource::from_gvk(&kind));
    let found = api.get("root").await.unwrap();
    assert_eq!(found.data["status"]["health"]["status"], "Healthy");
    assert_eq!(api.list(&ListParams::default()).await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn pages_are_of_one_moment() {
    let kube = FakeKube::start();
    for name in ["a", "b", "c", "d", "e"] {
        kube.apply(&map("default", name));
    }
    let api = Api::<ConfigMap>::all(client(&kube).await);
    let mut params = ListParams::default().limit(2);
    let mut found = Vec::new();
    loop {
        let page = api.list(&params).await.unwrap();
        found.push(page.items.iter().map(|map| map.metadata.name.clone().unwrap()).collect::<String>());
        kube.apply(&map("default", "f"));
        kube.delete("ConfigMap", "default", "e");
        match page.metadata.continue_ {
            Some(token) => params.continue_token = Some(token),
            None => break,
        }
    }
    assert_eq!(found, ["ab", "cd", "e"]);
    assert_eq!(names(&api, &ListParams::default()).await, ["a", "b", "c", "d", "f"]);
}

#[tokio::test]
async fn what_is_forgotten_is_gone() {
    let kube = FakeKube::start();
    kube.apply(&map("default", "a"));
    kube.apply(&map("default", "b"));
    let api = Api::<ConfigMap>::all(client(&kube).await);
    let page = api.list(&ListParams::default().limit(1)).await.unwrap().metadata;
    let then = page.resource_version.unwrap();
    let exact = ListParams::default().at(&then).matching(VersionMatch::Exact);
    kube.delete("ConfigMap", "default", "a");
    assert_eq!(names(&api, &exact).await, ["a", "b"]);
    kube.expire();
    assert_eq!(code(api.list(&exact).await), 410);
    let rest = ListParams::default().limit(1).continue_token(&page.continue_.unwrap());
    assert_eq!(code(api.list(&rest).await), 410);
    assert_eq!(names(&api, &ListParams::default().at(&then)).await, ["b"], "not older than that");
}

#[tokio::test]
async fn it_tells_its_version() {
    let kube = FakeKube::start();
    let version = client(&kube).await.apiserver_version().await.unwrap();
    assert_eq!((version.major.as_str(), version.minor.as_str()), ("1", "33"));
}
