//! The same against a real API server, which `XTASK_TEST_KUBECONFIG` names,
//! and what only a real one does.
#![allow(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod changing;
#[path = "../same/mod.rs"]
#[macro_use]
mod same;
#[path = "../support/mod.rs"]
mod support;

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::PathBuf;

use cluster::{Awaited, Cluster, Error, Kind, Last, ObjectName, Resource, Seen, Until, Wanted};
use futures_util::FutureExt;
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use kube::ResourceExt;
use kube::api::{Api as Objects, DeleteParams, ListParams, PostParams};
use kube::config::Kubeconfig;
use serde_json::json;
use tokio::time::Instant;

use same::Api;
use same::api::{client, create};
use support::{PATIENCE, backend, service};

/// Nobody gave this user any right.
const USER: &str = "xtask-test";

/// Runs a test in a namespace of its own, and removes that also when it fails.
async fn run(test: impl AsyncFnOnce(&Api)) {
    #[expect(clippy::disallowed_methods, reason = "a test, which is told by it where the server is")]
    let path = std::env::var_os("XTASK_TEST_KUBECONFIG");
    let path: PathBuf = path.unwrap_or_else(|| panic!("XTASK_TEST_KUBECONFIG names no kubeconfig")).into();
    let client = client(&Kubeconfig::read_from(&path).unwrap()).await;
    let namespaces: Objects<Namespace> = Objects::all(client);
    let made = create(&namespaces, json!({"metadata": {"generateName": "xtask-test-"}})).await;
    let api = Api::new(&path, made.name_any()).await;
    let outcome = AssertUnwindSafe(test(&api)).catch_unwind().await;
    remove(&api, &namespaces).await;
    outcome.unwrap_or_else(|panic| resume_unwind(panic));
}

/// Removes the namespace. Where no controller does it, Services go one by one,
/// which gives their node ports back, and the finalizer that waits for a
/// controller is taken off.
async fn remove(api: &Api, namespaces: &Objects<Namespace>) {
    let accounts: Objects<ServiceAccount> = Objects::namespaced(api.client.clone(), &api.namespace);
    let controlled = !accounts.list(&ListParams::default()).await.unwrap().items.is_empty();
    for service in api.services().list(&ListParams::default()).await.unwrap() {
        api.delete_service(&service.name_any()).await;
    }
    namespaces.delete(&api.namespace, &DeleteParams::default()).await.unwrap();
    if !controlled {
        let done = json!({"metadata": {"name": api.namespace}, "spec": {"finalizers": []}});
        let params = PostParams::default();
        let _: Namespace =
            namespaces.replace_subresource("finalize", &api.namespace, &params, &done).await.unwrap();
    }
}

macro_rules! tests {
    ($($name:ident,)*) => {
        $(
            #[tokio::test]
            #[ignore = "needs a real API server"]
            async fn $name() {
                run(same::$name).await;
            }
        )*
    };
}

each!(tests);

fn wanted(api: &Api) -> Wanted {
    Wanted { services: vec![ObjectName::new(&api.namespace, "argo")], host_list: None }
}

/// The cluster as a user without rights sees it.
async fn cluster_of_user(api: &Api) -> Cluster {
    api.cluster_as(|user| user.impersonate = Some(USER.to_owned())).await
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn what_the_server_fills_in_is_seen() {
    run(async |api| {
        api.create_service("argo", "LoadBalancer").await;
        let mut seen = api.cluster().await.watch(&wanted(api));
        let seen = service(&mut seen, |service| matches!(service.last, Last::There(_))).await;
        let Last::There(service) = seen.last else { panic!("it is there") };
        assert!(service.cluster_ip.is_some() && service.ports[0].node_port.is_some(), "{service:?}");
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn a_user_without_rights_is_forbidden() {
    run(async |api| {
        api.create_service("argo", "LoadBalancer").await;
        let cluster = cluster_of_user(api).await;
        let mut seen = cluster.watch(&wanted(api));
        let error = support::until(&mut seen, Seen::is_complete).await.trouble().cloned().unwrap();
        let Error::Forbidden { what, reason, .. } = &error else { panic!("{error:?}") };
        assert_eq!(*what, format!("service `{}/argo`", api.namespace));
        assert!(reason.contains(&format!("User \"{USER}\" cannot list resource \"services\"")), "{reason}");
        let command = format!("`kubectl auth can-i list services --namespace {}`", api.namespace);
        assert!(error.help().contains(&command), "{}", error.help());

        let error = cluster.services().await.unwrap_err();
        assert!(error.help().contains("`kubectl auth can-i list services --all-namespaces`"), "{error:?}");
        let awaited = [Awaited::one(Kind::Application, &api.namespace, "root")];
        let error = cluster.wait(&awaited, Instant::now() + PATIENCE, |_, _| ()).await.unwrap_err();
        assert!(matches!(error, Error::Forbidden { .. }), "{error:?}");

        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": api.namespace}});
        let error = cluster.apply("xtask", &namespace).await.unwrap_err();
        let expected = format!("not allowed to apply Namespace `{}`: ", api.namespace);
        assert!(error.to_string().starts_with(&expected), "{error}");
        let error = cluster.delete(&Resource::SERVICE, Some(&api.namespace), "argo").await.unwrap_err();
        assert!(error.help().contains("`kubectl auth can-i delete services --namespace "), "{error:?}");
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn who_may_list_and_not_watch_sees_what_lists_tell() {
    run(async |api| {
        let roles: Objects<Role> = Objects::namespaced(api.client.clone(), &api.namespace);
        let rule = json!({"apiGroups": [""], "resources": ["services"], "verbs": ["list"]});
        create(&roles, json!({"metadata": {"name": "lists"}, "rules": [rule]})).await;
        let bindings: Objects<RoleBinding> = Objects::namespaced(api.client.clone(), &api.namespace);
        let group = "rbac.authorization.k8s.io";
        let binding = json!({
            "metadata": {"name": "lists"},
            "roleRef": {"apiGroup": group, "kind": "Role", "name": "lists"},
            "subjects": [{"apiGroup": group, "kind": "User", "name": USER}],
        });
        create(&bindings, binding).await;

        api.create_service("argo", "LoadBalancer").await;
        let mut seen = cluster_of_user(api).await.watch(&wanted(api));
        let help = "`kubectl auth can-i watch services ";
        let is_it = |error: &Error| error.help().contains(help);
        service(&mut seen, |service| service.trouble.as_ref().is_some_and(is_it)).await;
        api.set_ingress("argo", json!([{"ip": "192.0.2.50"}])).await;
        let expected = Some("192.0.2.50:443".to_owned());
        let seen = service(&mut seen, |service| backend(service) == expected).await;
        assert!(seen.trouble.as_ref().is_some_and(is_it), "{seen:?}");
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn what_is_of_an_unknown_kind_does_not_exist() {
    run(async |api| {
        let awaited = Awaited {
            until: vec![Until::Deleted],
            ..Awaited::one(Kind::Application, &api.namespace, "root")
        };
        let deadline = Instant::now() + PATIENCE;
        let standings = api.cluster().await.wait(&[awaited], deadline, |_, _| ()).await.unwrap();
        assert!(standings[0].is_ready(), "{}", standings[0]);
    })
    .await;
}
