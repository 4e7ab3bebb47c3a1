//! A real API server, and a namespace of it for one test.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::PathBuf;

use cluster::{Access, Cluster};
use futures_util::FutureExt;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Service, ServiceAccount};
use kube::api::{Api as Objects, DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::config::{AuthInfo, KubeConfigOptions, Kubeconfig};
use kube::{Client, Config, ResourceExt};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The server, and a namespace that is the test's own.
pub(crate) struct Api {
    pub namespace: String,
    client: Client,
}

fn kubeconfig() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "a test, which is told by it where the server is")]
    let path = std::env::var_os("XTASK_TEST_KUBECONFIG");
    path.unwrap_or_else(|| panic!("XTASK_TEST_KUBECONFIG names no kubeconfig of an API server for tests"))
        .into()
}

/// The server's kubeconfig with another token, in a folder of its own.
pub(crate) fn with_token(token: &str) -> (TempDir, PathBuf) {
    let mut kubeconfig = Kubeconfig::read_from(kubeconfig()).unwrap();
    for user in &mut kubeconfig.auth_infos {
        user.auth_info = Some(AuthInfo { token: Some(token.to_owned().into()), ..AuthInfo::default() });
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    std::fs::write(&file, serde_json::to_string(&kubeconfig).unwrap()).unwrap();
    (folder, file)
}

impl Api {
    /// Runs a test in a namespace of its own, and removes that also when it fails.
    pub(crate) async fn run(test: impl AsyncFnOnce(&Self)) {
        let api = Self::new().await;
        let outcome = AssertUnwindSafe(test(&api)).catch_unwind().await;
        api.remove().await;
        outcome.unwrap_or_else(|panic| resume_unwind(panic));
    }

    async fn new() -> Self {
        let kubeconfig = Kubeconfig::read_from(kubeconfig()).unwrap();
        let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.unwrap();
        let client = Client::try_from(config).unwrap();
        let namespace = object(json!({"metadata": {"generateName": "xtask-test-"}}));
        let made: Namespace =
            Objects::all(client.clone()).create(&PostParams::default(), &namespace).await.unwrap();
        Self { namespace: made.name_any(), client }
    }

    /// The server as the crate sees it.
    pub(crate) async fn cluster(&self) -> Cluster {
        Cluster::open(&Access { files: vec![kubeconfig()], ..Access::default() }).await.unwrap()
    }

    /// A Service of this type, on port 443.
    pub(crate) async fn create_service(&self, name: &str, kind: &str) {
        let service = object(json!({
            "metadata": {"name": name},
            "spec": {"type": kind, "ports": [{"name": "https", "port": 443}]},
        }));
        self.services().create(&PostParams::default(), &service).await.unwrap();
    }

    pub(crate) async fn set_ingress(&self, name: &str, ingress: Value) {
        let status = Patch::Merge(json!({"status": {"loadBalancer": {"ingress": ingress}}}));
        self.services().patch_status(name, &PatchParams::default(), &status).await.unwrap();
    }

    pub(crate) async fn delete_service(&self, name: &str) {
        self.services().delete(name, &DeleteParams::default()).await.unwrap();
    }

    /// A `ConfigMap` with this text as its `hosts`.
    pub(crate) async fn create_hosts(&self, name: &str, text: &str) {
        let config_map = object(json!({"metadata": {"name": name}, "data": {"hosts": text}}));
        self.config_maps().create(&PostParams::default(), &config_map).await.unwrap();
    }

    pub(crate) async fn set_hosts(&self, name: &str, text: &str) {
        let patch = Patch::Merge(json!({"data": {"hosts": text}}));
        self.config_maps().patch(name, &PatchParams::default(), &patch).await.unwrap();
    }

    pub(crate) async fn delete_hosts(&self, name: &str) {
        self.config_maps().delete(name, &DeleteParams::default()).await.unwrap();
    }

    fn services(&self) -> Objects<Service> {
        Objects::namespaced(self.client.clone(), &self.namespace)
    }

    fn config_maps(&self) -> Objects<ConfigMap> {
        Objects::namespaced(self.client.clone(), &self.namespace)
    }

    /// Removes the namespace. Where no controller does it, what is in it goes
    /// one by one, and the finalizer that waits for a controller is taken off.
    async fn remove(self) {
        let namespaces: Objects<Namespace> = Objects::all(self.client.clone());
        let accounts: Objects<ServiceAccount> = Objects::namespaced(self.client.clone(), &self.namespace);
        let controlled = !accounts.list(&ListParams::default()).await.unwrap().items.is_empty();
        for service in self.services().list(&ListParams::default()).await.unwrap() {
            self.delete_service(&service.name_any()).await;
        }
        for config_map in self.config_maps().list(&ListParams::default()).await.unwrap() {
            self.delete_hosts(&config_map.name_any()).await;
        }
        namespaces.delete(&self.namespace, &DeleteParams::default()).await.unwrap();
        if !controlled {
            let done = json!({"metadata": {"name": self.namespace}, "spec": {"finalizers": []}});
            let params = PostParams::default();
            let _: Namespace =
                namespaces.replace_subresource("finalize", &self.namespace, &params, &done).await.unwrap();
        }
    }
}

/// An object from what is said of it.
fn object<K: serde::de::DeserializeOwned>(json: Value) -> K {
    serde_json::from_value(json).unwrap()
}
