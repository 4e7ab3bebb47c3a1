//! What is applied, read and deleted.

use std::fmt::Write as _;

use cluster::{Applied, Cluster, Error, Resource};
use serde_json::{Value, json};

use super::Api;

const MANAGER: &str = "xtask";

fn service(api: &Api, name: &str, port: u16) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"namespace": api.namespace, "name": name, "labels": {"app": name}},
        "spec": {"type": "ClusterIP", "ports": [{"port": port, "protocol": "TCP"}]},
    })
}

async fn get(cluster: &Cluster, api: &Api, name: &str) -> Option<Value> {
    cluster.get(&Resource::SERVICE, Some(&api.namespace), name).await.unwrap()
}

pub(crate) async fn an_object_is_applied_read_and_deleted(api: &Api) {
    let (cluster, namespace) = (api.cluster().await, Some(api.namespace.as_str()));
    assert_eq!(get(&cluster, api, "a").await, None);
    for (port, expected) in
        [(443, Applied::Created), (443, Applied::Already), (8443, Applied::Changed), (8443, Applied::Already)]
    {
        assert_eq!(cluster.apply(MANAGER, &service(api, "a", port)).await.unwrap(), expected, "{port}");
        let found = get(&cluster, api, "a").await.unwrap();
        assert_eq!((&found["kind"], &found["spec"]["ports"][0]["port"]), (&json!("Service"), &json!(port)));
    }
    // What is not applied any more goes, and what others wrote stays.
    let mut object = service(api, "a", 8443);
    object["metadata"]["labels"] = json!({"tier": "edge"});
    assert_eq!(cluster.apply(MANAGER, &object).await.unwrap(), Applied::Changed);
    assert_eq!(get(&cluster, api, "a").await.unwrap()["metadata"]["labels"], json!({"tier": "edge"}));

    cluster.apply(MANAGER, &service(api, "b", 443)).await.unwrap();
    let listed = async |labels: Option<&str>| {
        let objects = cluster.objects(&Resource::SERVICE, namespace, labels).await.unwrap();
        objects.iter().fold(String::new(), |mut names, object| {
            let [version, kind, name] = [&object["apiVersion"], &object["kind"], &object["metadata"]["name"]];
            write!(names, "{version} {kind} {name} ").unwrap();
            names.replace('"', "")
        })
    };
    assert_eq!(listed(None).await, "v1 Service a v1 Service b ");
    assert_eq!(listed(Some("app=b")).await, "v1 Service b ");
    assert_eq!(listed(Some("app=c")).await, "");
    for expected in [true, false] {
        assert_eq!(cluster.delete(&Resource::SERVICE, namespace, "a").await.unwrap(), expected);
        assert_eq!(get(&cluster, api, "a").await, None);
    }
}

pub(crate) async fn what_another_manager_set_is_a_conflict(api: &Api) {
    let cluster = api.cluster().await;
    cluster.apply("helm", &service(api, "a", 443)).await.unwrap();
    // To share a field that is the same is no conflict, and changes whose it is.
    assert_eq!(cluster.apply(MANAGER, &service(api, "a", 443)).await.unwrap(), Applied::Changed);
    let mut object = service(api, "a", 443);
    object["spec"]["type"] = json!("NodePort");
    object["metadata"]["labels"]["app"] = json!("other");
    let error = cluster.apply(MANAGER, &object).await.unwrap_err();
    let Error::Conflict { what, reason, managers } = &error else { panic!("{error:?}") };
    assert_eq!(
        (what, managers.as_slice()),
        (&format!("Service `{}/a`", api.namespace), &["helm".to_owned()][..])
    );
    assert!(reason.contains(".spec.type") && reason.contains(".metadata.labels.app"), "{reason}");
    assert!(error.to_string().contains("the manager `helm` has set other values"), "{error}");
    assert!(!error.is_transient());
    assert_eq!(get(&cluster, api, "a").await.unwrap()["spec"]["type"], "ClusterIP");
}

pub(crate) async fn a_namespace_that_is_absent_is_named(api: &Api) {
    let (cluster, absent) = (api.cluster().await, format!("{}-absent", api.namespace));
    let mut object = service(api, "a", 443);
    object["metadata"]["namespace"] = json!(absent);
    let error = cluster.apply(MANAGER, &object).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("cannot apply Service `{absent}/a`: there is no namespace `{absent}`")
    );
    assert!(error.help().contains(&format!("`kubectl create namespace {absent}`")), "{}", error.help());
    assert_eq!(cluster.get(&Resource::SERVICE, Some(&absent), "a").await.unwrap(), None);
    assert_eq!(cluster.objects(&Resource::SERVICE, Some(&absent), None).await.unwrap(), Vec::<Value>::new());
    assert!(!cluster.delete(&Resource::SERVICE, Some(&absent), "a").await.unwrap());
}

pub(crate) async fn a_kind_that_is_unknown_is_named(api: &Api) {
    let cluster = api.cluster().await;
    for (group, version) in [("xtask.invalid", "v1"), ("apps", "v1"), ("apps", "v9")] {
        let kind = Resource {
            group: group.into(),
            version: version.into(),
            kind: "Wonder".into(),
            plural: "wonders".into(),
            namespaced: true,
        };
        let object = json!({
            "apiVersion": kind.api_version(), "kind": "Wonder",
            "metadata": {"namespace": api.namespace, "name": "a"},
        });
        let namespace = Some(api.namespace.as_str());
        let errors = [
            cluster.apply(MANAGER, &object).await.unwrap_err(),
            cluster.get(&kind, namespace, "a").await.unwrap_err(),
            cluster.objects(&kind, namespace, None).await.unwrap_err(),
            cluster.delete(&kind, namespace, "a").await.unwrap_err(),
        ];
        for error in errors {
            let expected = format!("the cluster does not know the kind `Wonder` of `{group}/{version}`");
            assert_eq!(error.to_string(), expected);
            assert!(error.is_transient());
        }
    }
}

pub(crate) async fn what_cannot_be_an_object_is_not_sent(api: &Api) {
    let cluster = api.cluster().await;
    let reason = async |object: Value| match cluster.apply(MANAGER, &object).await.unwrap_err() {
        Error::Invalid { reason, .. } => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(reason(json!({"kind": "Service"})).await, "it does not say its `apiVersion` and `kind`");
    let mut object = service(api, "a", 443);
    object["metadata"]["name"] = json!("../../secrets/x");
    assert_eq!(reason(object.clone()).await, "`../../secrets/x` is not a name");
    object["metadata"] = json!({"name": "a"});
    assert_eq!(reason(object.clone()).await, "it belongs to a namespace, and none is named");
    let node = json!({"apiVersion": "v1", "kind": "Node", "metadata": {"namespace": "a", "name": "b"}});
    assert_eq!(reason(node).await, "its kind has no namespaces, and one is named");
}

pub(crate) async fn an_api_that_answers_is_ready(api: &Api) {
    let cluster = api.cluster().await;
    assert_eq!(cluster.ready().await, Ok(()));
    let stranger = api.cluster_as(|user| user.token = Some("wrong".to_owned().into())).await;
    assert_eq!(stranger.ready().await, Err(Error::Unauthenticated { server: cluster.server().to_owned() }));
    let error = stranger.apply(MANAGER, &service(api, "a", 443)).await.unwrap_err();
    assert_eq!(error, Error::Unauthenticated { server: cluster.server().to_owned() });
}
