//! Changes that only a real API refuses: by schema, by webhook, by what goes.

use std::iter;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::time::Duration;

use cluster::{Applied, Cluster, Error, Resource};
use futures_util::FutureExt;
use k8s_openapi::api::admissionregistration::v1::ValidatingWebhookConfiguration;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Api as Objects, DeleteParams, Patch, PatchParams};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::run;
use crate::same::Api;
use crate::same::api::create;
use crate::support::PATIENCE;

fn service(api: &Api, port: u16) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"namespace": api.namespace, "name": "a"},
        "spec": {"ports": [{"port": port, "protocol": "TCP"}]},
    })
}

async fn refusal(cluster: &Cluster, object: &Value) -> Error {
    cluster.apply("xtask", object).await.unwrap_err()
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn what_is_not_as_its_kind_demands_is_not_accepted() {
    run(async |api| {
        let cluster = api.cluster().await;
        for (field, value, told) in [
            ("type", json!("Wonder"), "spec.type: Unsupported value: \"Wonder\""),
            ("typo", json!("ClusterIP"), ".spec.typo: field not declared in schema"),
            ("ports", json!(1), ".spec.ports: expected list"),
        ] {
            let mut object = service(api, 443);
            object["spec"][field] = value;
            let error = refusal(&cluster, &object).await;
            assert!(matches!(&error, Error::Invalid { reason, .. } if reason.contains(told)), "{error:?}");
            assert!(!error.is_transient());
        }
        let error =
            cluster.objects(&Resource::SERVICE, Some(&api.namespace), Some("a in")).await.unwrap_err();
        assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn nothing_is_applied_to_what_goes() {
    run(async |api| {
        let cluster = api.cluster().await;
        cluster.apply("xtask", &service(api, 443)).await.unwrap();
        let hold = |finalizers: &[&str]| Patch::Merge(json!({"metadata": {"finalizers": finalizers}}));
        let (services, params) = (api.services(), PatchParams::default());
        services.patch("a", &params, &hold(&["xtask.invalid/held"])).await.unwrap();
        assert!(cluster.delete(&Resource::SERVICE, Some(&api.namespace), "a").await.unwrap());
        let error = refusal(&cluster, &service(api, 8443)).await;
        services.patch("a", &params, &hold(&[])).await.unwrap();
        assert_eq!(
            error.to_string(),
            format!("cannot apply Service `{}/a`: it is being deleted", api.namespace)
        );

        assert!(cluster.delete(&Resource::NAMESPACE, None, &api.namespace).await.unwrap());
        let error = refusal(&cluster, &service(api, 443)).await;
        let deleted = format!("namespace `{}`", api.namespace);
        assert_eq!(error, Error::Terminating { what: format!("Service `{}/a`", api.namespace), deleted });
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": api.namespace}});
        let error = refusal(&cluster, &namespace).await;
        assert!(matches!(error, Error::Terminating { .. }), "{error:?}");
    })
    .await;
}

/// The definition of a kind in a group of the test's own.
fn definition(group: &str) -> Value {
    let spec = json!({
        "type": "object", "required": ["addresses"],
        "properties": {"addresses": {"type": "array", "items": {"type": "string"}}},
    });
    json!({
        "metadata": {"name": format!("pools.{group}")},
        "spec": {
            "group": group, "scope": "Namespaced", "names": {"kind": "Pool", "plural": "pools"},
            "versions": [{
                "name": "v1", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}},
            }],
        },
    })
}

/// A webhook for the kind, at an address where nobody listens.
fn webhook(group: &str) -> Value {
    json!({
        "metadata": {"name": group},
        "webhooks": [{
            "name": format!("pools.{group}"), "sideEffects": "None", "admissionReviewVersions": ["v1"],
            "clientConfig": {"url": "https://127.0.0.1:1/"}, "failurePolicy": "Fail",
            "rules": [{"apiGroups": [group], "apiVersions": ["*"], "operations": ["*"], "resources": ["*"]}],
        }],
    })
}

/// Applies the objects one after the other until one answer is as wanted.
async fn until<T>(
    cluster: &Cluster,
    objects: impl IntoIterator<Item = Value>,
    is_it: impl Fn(Result<Applied, Error>) -> Option<T>,
) -> T {
    let trying = async {
        for object in objects {
            if let Some(found) = is_it(cluster.apply("xtask", &object).await) {
                return found;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("the objects do not end");
    };
    timeout(PATIENCE, trying).await.unwrap()
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn a_kind_that_was_just_defined_passes_its_schema_and_its_webhook() {
    run(async |api| {
        let group = format!("{}.xtask.invalid", api.namespace);
        let definitions: Objects<CustomResourceDefinition> = Objects::all(api.client.clone());
        let hooks: Objects<ValidatingWebhookConfiguration> = Objects::all(api.client.clone());
        let checked = AssertUnwindSafe(define(api, &group, &definitions, &hooks)).catch_unwind().await;
        let params = DeleteParams::default();
        let deleted = (
            hooks.delete(&group, &params).await.is_ok(),
            definitions.delete(&format!("pools.{group}"), &params).await.is_ok(),
        );
        checked.unwrap_or_else(|panic| resume_unwind(panic));
        assert_eq!(deleted, (true, true));
    })
    .await;
}

async fn define(
    api: &Api,
    group: &str,
    definitions: &Objects<CustomResourceDefinition>,
    hooks: &Objects<ValidatingWebhookConfiguration>,
) {
    let cluster = api.cluster().await;
    let pool = |spec: Value| {
        json!({
            "apiVersion": format!("{group}/v1"), "kind": "Pool",
            "metadata": {"namespace": api.namespace, "name": "a"}, "spec": spec,
        })
    };
    let good = pool(json!({"addresses": ["10.0.0.1"]}));
    assert!(matches!(refusal(&cluster, &good).await, Error::UnknownKind { .. }));
    create(definitions, definition(group)).await;
    let applied = until(&cluster, iter::repeat(good.clone()), |answer| match answer {
        Err(error) if error.is_transient() => None,
        answer => Some(answer),
    });
    assert_eq!(applied.await, Ok(Applied::Created));
    assert_eq!(cluster.apply("xtask", &good).await, Ok(Applied::Already));
    for spec in [json!({"addresses": [], "x": 1}), json!({})] {
        let error = refusal(&cluster, &pool(spec)).await;
        assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
    }
    create(hooks, webhook(group)).await;
    // It takes a moment until the webhook is asked, which it is only of changes.
    let changed = (2_u64..).map(|number| pool(json!({"addresses": [number.to_string()]})));
    let away = until(&cluster, changed, Result::err).await;
    assert!(away.is_transient() && away.to_string().contains("failed calling webhook"), "{away:?}");
}
