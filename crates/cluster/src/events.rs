//! What the cluster has to say about an object that is not ready.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::time::SystemTime;

use k8s_openapi::api::core::v1::{Event, Pod};
use k8s_openapi::jiff::Timestamp;
use kube::api::ListParams;
use kube::{Api, Resource, ResourceExt};

use crate::time::system_time;
use crate::{Cluster, Error, Finding, Kind, text};

/// How many events are read, at most.
const READ: u32 = 500;
/// How many of them are told, at most.
const TOLD: usize = 5;
/// Longest text of an event that is kept, in characters.
const MAX_TEXT: usize = 500;
/// Where the events of objects without a namespace are.
const DEFAULT_NAMESPACE: &str = "default";

/// An event of type `Warning`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What it is about: ``Pod `a/b` ``.
    pub object: String,
    /// A word for the cause.
    pub reason: String,
    /// For people; one line.
    pub message: String,
    /// How often it came; at least 1.
    pub count: u32,
    /// When it came last.
    pub last: Option<SystemTime>,
}

impl Cluster {
    /// The latest warnings about the object, newest first, five at most; of a
    /// Deployment or a `DaemonSet` also those about its replica sets and pods. Asks once and
    /// fails when there is no answer within ten seconds.
    pub async fn warnings(&self, object: &Finding) -> Result<Vec<Warning>, Error> {
        let Some(name) = &object.name else { return Ok(Vec::new()) };
        let namespace = object.namespace.as_deref().unwrap_or(DEFAULT_NAMESPACE);
        let kind = object.kind.api_kind();
        let fields = if object.kind.makes_pods() {
            "type=Warning".to_owned()
        } else {
            format!("type=Warning,involvedObject.kind={kind},involvedObject.name={name}")
        };
        let (events, pods) = tokio::try_join!(
            self.list::<Event>(namespace, ListParams::default().fields(&fields)),
            self.pods(namespace, object)
        )?;
        let pods: BTreeSet<String> = pods.iter().map(ResourceExt::name_any).collect();
        let is_about = |event: &&Event| {
            let about = &event.involved_object;
            let about_name = about.name.as_deref().unwrap_or_default();
            match about.kind.as_deref().unwrap_or_default() {
                "Pod" if object.kind != Kind::Pod => pods.contains(about_name),
                "ReplicaSet" => object.kind == Kind::Deployment && is_replica_set(about_name, name),
                other => other == kind && about_name == name && !is_of_another(about.uid.as_deref(), object),
            }
        };
        let mut events: Vec<_> = events.iter().filter(is_about).map(|event| (last(event), event)).collect();
        events.sort_by_key(|(last, _)| Reverse(*last));
        Ok(events.into_iter().take(TOLD).map(|(last, event)| Warning::of(event, last)).collect())
    }

    async fn pods(&self, namespace: &str, object: &Finding) -> Result<Vec<Pod>, Error> {
        match &object.pods {
            Some(selector) => self.list(namespace, ListParams::default().labels(selector)).await,
            None => Ok(Vec::new()),
        }
    }

    async fn list<K>(&self, namespace: &str, params: ListParams) -> Result<Vec<K>, Error>
    where
        K: Resource<Scope = k8s_openapi::NamespaceResourceScope, DynamicType = ()>
            + Clone
            + serde::de::DeserializeOwned
            + std::fmt::Debug,
    {
        let api: Api<K> = Api::namespaced(self.client().clone(), namespace);
        let what = format!("{} in `{namespace}`", K::plural(&()));
        Ok(self.answer(&what, api.list(&params.limit(READ))).await?.items)
    }
}

/// A Deployment's replica sets have its name and a hash without `-`.
fn is_replica_set(name: &str, deployment: &str) -> bool {
    let hash = name.strip_prefix(deployment).and_then(|rest| rest.strip_prefix('-'));
    hash.is_some_and(|hash| !hash.is_empty() && !hash.contains('-'))
}

/// Events outlive their objects, and the next one may have the same name. A
/// kubelet gives its node's name for the identity, so that of nodes says nothing.
fn is_of_another(uid: Option<&str>, object: &Finding) -> bool {
    let uids = uid.filter(|uid| !uid.is_empty()).zip(object.uid.as_deref());
    object.kind != Kind::Node && uids.is_some_and(|(event, object)| event != object)
}

fn last(event: &Event) -> Option<Timestamp> {
    let series = event.series.as_ref().and_then(|series| series.last_observed_time.as_ref());
    let last = event.last_timestamp.as_ref().map(|time| time.0).or(series.map(|time| time.0));
    let made = event.metadata.creation_timestamp.as_ref().map(|time| time.0);
    last.or(event.event_time.as_ref().map(|time| time.0)).or(made)
}

impl Warning {
    fn of(event: &Event, last: Option<Timestamp>) -> Self {
        let line = |text: Option<&str>| text::line(text.unwrap_or_default(), MAX_TEXT);
        let about = &event.involved_object;
        let name: Vec<String> = [&about.namespace, &about.name]
            .iter()
            .filter_map(|it| it.as_deref())
            .map(|it| text::line(it, MAX_TEXT))
            .collect();
        let series = event.series.as_ref().and_then(|series| series.count);
        let count = series.or(event.count).and_then(|count| u32::try_from(count).ok());
        Self {
            object: format!("{} `{}`", line(about.kind.as_deref()), name.join("/")),
            reason: line(event.reason.as_deref()),
            message: line(event.message.as_deref()),
            count: count.unwrap_or(1).max(1),
            last: last.and_then(system_time),
        }
    }
}
