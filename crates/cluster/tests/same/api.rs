//! An API, and a namespace of it that is the test's own.

use std::path::Path;

use cluster::Cluster;
use k8s_openapi::api::apps::v1::{DaemonSet, Deployment};
use k8s_openapi::api::core::v1::{ConfigMap, Event, Pod, Service};
use kube::api::{Api as Objects, DeleteParams, Patch, PatchParams, PostParams};
use kube::config::{AuthInfo, KubeConfigOptions, Kubeconfig as Config};
use kube::{Client, Resource, ResourceExt};
use serde_json::{Value, json};

use crate::support::Kubeconfig;

pub(crate) struct Api {
    pub namespace: String,
    pub client: Client,
    kubeconfig: Config,
}

impl Api {
    /// The API that a kubeconfig leads to; the namespace exists.
    pub(crate) async fn new(kubeconfig: &Path, namespace: String) -> Self {
        let kubeconfig = Config::read_from(kubeconfig).unwrap();
        Self { namespace, client: client(&kubeconfig).await, kubeconfig }
    }

    /// The cluster as the crate sees it.
    pub(crate) async fn cluster(&self) -> Cluster {
        self.cluster_as(|_| ()).await
    }

    /// The same for another user.
    pub(crate) async fn cluster_as(&self, change: impl Fn(&mut AuthInfo)) -> Cluster {
        let mut kubeconfig = self.kubeconfig.clone();
        kubeconfig.auth_infos.iter_mut().flat_map(|user| &mut user.auth_info).for_each(change);
        Kubeconfig::of(&serde_json::to_string(&kubeconfig).unwrap()).open().await.unwrap()
    }

    /// A Service of this type, on port 443.
    pub(crate) async fn create_service(&self, name: &str, kind: &str) -> Service {
        let service = json!({
            "metadata": {"name": name},
            "spec": {"type": kind, "ports": [{"name": "https", "port": 443}]},
        });
        create(&self.services(), service).await
    }

    pub(crate) async fn set_ingress(&self, name: &str, ingress: Value) {
        let status = json!({"status": {"loadBalancer": {"ingress": ingress}}});
        set_status(&self.services(), name, status).await;
    }

    pub(crate) async fn delete_service(&self, name: &str) {
        self.services().delete(name, &DeleteParams::default()).await.unwrap();
    }

    /// A `ConfigMap` with this text as its `hosts`.
    pub(crate) async fn create_hosts(&self, name: &str, text: &str) {
        create(&self.config_maps(), json!({"metadata": {"name": name}, "data": {"hosts": text}})).await;
    }

    /// Changes the data of a `ConfigMap`; null takes a key out.
    pub(crate) async fn set_data(&self, name: &str, data: Value) {
        let patch = Patch::Merge(json!({"data": data}));
        self.config_maps().patch(name, &PatchParams::default(), &patch).await.unwrap();
    }

    pub(crate) async fn delete_hosts(&self, name: &str) {
        self.config_maps().delete(name, &DeleteParams::default()).await.unwrap();
    }

    /// A Deployment of one replica, of which nothing has been said yet.
    pub(crate) async fn create_deployment(&self, name: &str) {
        let labels = json!({"app": name});
        let deployment = json!({
            "metadata": {"name": name},
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": pod_spec(),
                },
            },
        });
        create(&self.deployments(), deployment).await;
    }

    /// Says of a Deployment that so many replicas are available.
    pub(crate) async fn set_available(&self, name: &str, replicas: u32) {
        let generation = self.deployments().get(name).await.unwrap().metadata.generation;
        let available = if replicas > 0 { "True" } else { "False" };
        let status = json!({"status": {
            "observedGeneration": generation.unwrap_or(1),
            "replicas": 1, "updatedReplicas": 1,
            "readyReplicas": replicas, "availableReplicas": replicas,
            "conditions": [{"type": "Available", "status": available, "reason": "Test", "message": "so it is"}],
        }});
        set_status(&self.deployments(), name, status).await;
    }

    /// A `DaemonSet` of which nothing has been said yet.
    pub(crate) async fn create_daemon_set(&self, name: &str) {
        let labels = json!({"app": name});
        let pod = json!({"metadata": {"labels": labels}, "spec": pod_spec()});
        let daemon_set = json!({
            "metadata": {"name": name},
            "spec": {"selector": {"matchLabels": labels}, "template": pod},
        });
        create(&self.daemon_sets(), daemon_set).await;
    }

    /// Says of a `DaemonSet` that so many of two pods are available.
    pub(crate) async fn set_pods(&self, name: &str, available: u32) {
        let generation = self.daemon_sets().get(name).await.unwrap().metadata.generation;
        let status = json!({"status": {
            "observedGeneration": generation.unwrap_or(1),
            "desiredNumberScheduled": 2, "currentNumberScheduled": 2, "updatedNumberScheduled": 2,
            "numberMisscheduled": 0, "numberReady": available, "numberAvailable": available,
        }});
        set_status(&self.daemon_sets(), name, status).await;
    }

    /// A Pod that no node runs.
    pub(crate) async fn create_pod(&self, name: &str) {
        create(&self.pods(), json!({"metadata": {"name": name}, "spec": pod_spec()})).await;
    }

    /// Says this of a Pod.
    pub(crate) async fn set_pod(&self, name: &str, status: Value) {
        set_status(&self.pods(), name, json!({"status": status})).await;
    }

    /// An event about a Service of ours.
    pub(crate) async fn create_event(&self, kind: &str, service: &Service, reason: &str) {
        let about = json!({
            "apiVersion": "v1", "kind": "Service", "namespace": self.namespace,
            "name": service.name_any(), "uid": service.uid(),
        });
        let event = json!({
            "metadata": {"name": reason.to_lowercase()}, "involvedObject": about, "type": kind,
            "reason": reason, "message": "no address\nis left", "count": 3,
            "lastTimestamp": "2026-01-02T03:04:05Z",
        });
        let events: Objects<Event> = Objects::namespaced(self.client.clone(), &self.namespace);
        create(&events, event).await;
    }

    pub(crate) fn services(&self) -> Objects<Service> {
        Objects::namespaced(self.client.clone(), &self.namespace)
    }

    pub(crate) fn config_maps(&self) -> Objects<ConfigMap> {
        Objects::namespaced(self.client.clone(), &self.namespace)
    }

    pub(crate) fn pods(&self) -> Objects<Pod> {
        Objects::namespaced(self.client.clone(), &self.namespace)
    }

    fn daemon_sets(&self) -> Objects<DaemonSet> {
        Objects::namespaced(self.client.clone(), &self.namespace)
    }

    fn deployments(&self) -> Objects<Deployment> {
        Objects::namespaced(self.client.clone(), &self.namespace)
    }
}

fn pod_spec() -> Value {
    json!({"containers": [{"name": "main", "image": "none.invalid/none"}]})
}

pub(crate) async fn client(kubeconfig: &Config) -> Client {
    let options = KubeConfigOptions::default();
    Client::try_from(kube::Config::from_custom_kubeconfig(kubeconfig.clone(), &options).await.unwrap())
        .unwrap()
}

/// Makes an object of what is said of it.
pub(crate) async fn create<K>(objects: &Objects<K>, object: Value) -> K
where
    K: Resource + Clone + serde::Serialize + serde::de::DeserializeOwned + std::fmt::Debug,
{
    let object = serde_json::from_value(object).unwrap();
    objects.create(&PostParams::default(), &object).await.unwrap()
}

async fn set_status<K>(objects: &Objects<K>, name: &str, status: Value)
where
    K: Clone + serde::de::DeserializeOwned + std::fmt::Debug,
{
    objects.patch_status(name, &PatchParams::default(), &Patch::Merge(status)).await.unwrap();
}
