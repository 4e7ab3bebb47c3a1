//! What runs of `MetalLB` in the cluster, whoever installed it.

use cluster::{Cluster, Error, ObjectName, Resource};
use serde::Serialize;
use serde_json::Value;

use crate::profile::Version;

/// The charts' label, and that of the plain manifests.
const SELECTORS: [&str; 2] = ["app.kubernetes.io/name=metallb", "app=metallb"];

/// The controller, which gives addresses, or the speaker, which answers on them.
#[derive(Clone, Debug, Serialize)]
pub struct Workload {
    /// Its name.
    #[serde(flatten)]
    pub name: ObjectName,
    /// Whether all of it is available.
    pub ready: bool,
    /// In a few words.
    pub state: String,
    /// Of `MetalLB`, if it says so.
    pub version: Option<Version>,
    /// The release of Helm that it is of, `namespace/name`.
    pub release: Option<String>,
}

/// The controllers and the speakers there are.
#[derive(Clone, Debug, Default)]
pub struct Workloads {
    /// One, unless somebody installed it twice.
    pub controllers: Vec<Workload>,
    /// As many.
    pub speakers: Vec<Workload>,
}

impl Workloads {
    /// Those of all namespaces.
    pub async fn find(cluster: &Cluster) -> Result<Self, Error> {
        let [charts, manifests] = SELECTORS.map(Some);
        let (deployment, daemon_set) = (Resource::DEPLOYMENT, Resource::DAEMON_SET);
        let (mut controllers, more_controllers, mut speakers, more_speakers) = tokio::try_join!(
            cluster.objects(&deployment, None, charts),
            cluster.objects(&deployment, None, manifests),
            cluster.objects(&daemon_set, None, charts),
            cluster.objects(&daemon_set, None, manifests),
        )?;
        controllers.extend(more_controllers);
        speakers.extend(more_speakers);
        let of = |objects: &[Value], component: &str| -> Vec<Workload> {
            let labels = ["app.kubernetes.io/component", "component"];
            let is_it =
                |object: &&Value| labels.iter().any(|label| object["metadata"]["labels"][label] == component);
            objects.iter().filter(is_it).map(Workload::of).collect()
        };
        Ok(Self { controllers: of(&controllers, "controller"), speakers: of(&speakers, "speaker") })
    }

    /// Those of a namespace: the controller, the speaker.
    pub fn in_namespace(&self, namespace: &str) -> (Option<&Workload>, Option<&Workload>) {
        let of = |all: &'_ [Workload]| all.iter().position(|it| it.name.namespace == namespace);
        let (controller, speaker) = (of(&self.controllers), of(&self.speakers));
        (controller.map(|it| &self.controllers[it]), speaker.map(|it| &self.speakers[it]))
    }
}

impl Workload {
    fn of(object: &Value) -> Self {
        let metadata = &object["metadata"];
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let annotation = |key: &str| text(&metadata["annotations"][key]);
        let release =
            annotation("meta.helm.sh/release-namespace").zip(annotation("meta.helm.sh/release-name"));
        let image = object["spec"]["template"]["spec"]["containers"].as_array().into_iter().flatten();
        let mut tags = image.filter_map(|container| container["image"].as_str()?.rsplit_once(':'));
        let label = metadata["labels"]["app.kubernetes.io/version"].as_str();
        let version = label.and_then(Version::parse);
        let (ready, state) = state(object);
        Self {
            name: ObjectName::new(
                text(&metadata["namespace"]).unwrap_or_default(),
                text(&metadata["name"]).unwrap_or_default(),
            ),
            ready,
            state,
            version: version.or_else(|| tags.find_map(|(_, tag)| Version::parse(tag))),
            release: release.map(|(namespace, name)| format!("{namespace}/{name}")),
        }
    }
}

/// Whether it is available, and in how many pods.
fn state(object: &Value) -> (bool, String) {
    let (spec, status) = (&object["spec"], &object["status"]);
    let count = |value: &Value| value.as_u64().unwrap_or(0);
    let (wanted, available) = if object["kind"] == "DaemonSet" {
        (count(&status["desiredNumberScheduled"]), count(&status["numberAvailable"]))
    } else {
        (spec["replicas"].as_u64().unwrap_or(1), count(&status["availableReplicas"]))
    };
    let seen = count(&status["observedGeneration"]) >= count(&object["metadata"]["generation"]).max(1);
    if !seen {
        return (false, "its latest change has not been acted on yet".to_owned());
    }
    (available >= wanted, format!("{available} of {wanted} pods are available"))
}
