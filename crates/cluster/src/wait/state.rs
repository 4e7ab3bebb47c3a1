//! Whether an object is as it is waited to become.

use kube::core::DynamicObject;

use super::condition::{Condition, is_stale};
use super::{Kind, Until, application, daemon_set, deployment, pod};
use crate::text;

/// Longest address or name that is shown, in characters.
const MAX_NAME: usize = 300;

/// Whether an object is as it is waited to become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It is, and how: `has the address 10.0.0.1`.
    Ready(String),
    /// It is not yet.
    NotReady {
        /// What is the matter: `its load balancer has no address yet`.
        why: String,
        /// The condition of the object that tells more, where one does.
        condition: Option<Condition>,
    },
}

impl State {
    /// Whether it is as wanted.
    pub fn is_ready(&self) -> bool {
        matches!(self, Self::Ready(_))
    }

    /// What is there, or what is the matter; in a few words.
    pub fn text(&self) -> &str {
        match self {
            Self::Ready(how) => how,
            Self::NotReady { why, .. } => why,
        }
    }

    /// The condition of the object that tells why it is not ready.
    pub fn condition(&self) -> Option<&Condition> {
        match self {
            Self::Ready(_) => None,
            Self::NotReady { condition, .. } => condition.as_ref(),
        }
    }

    pub(super) fn ready(how: impl Into<String>) -> Self {
        Self::Ready(how.into())
    }

    pub(super) fn not_ready(why: impl Into<String>, condition: Option<Condition>) -> Self {
        Self::NotReady { why: why.into(), condition }
    }

    /// Ready when all are, else what is the matter with those that are not.
    fn all(states: &[Self]) -> Self {
        let ready = states.iter().all(Self::is_ready);
        let told = states.iter().filter(|state| ready || !state.is_ready());
        let text = told.map(Self::text).collect::<Vec<_>>().join(", ");
        let condition = states.iter().find_map(Self::condition).cloned();
        if ready { Self::Ready(text) } else { Self::NotReady { why: text, condition } }
    }
}

/// How the object is, compared with all that it is waited to become.
pub(super) fn state(kind: Kind, object: &DynamicObject, until: &[Until]) -> State {
    let leaves = object.metadata.deletion_timestamp.is_some();
    let state = |until: &Until| match until {
        Until::Deleted => deleted(object),
        _ if leaves => State::not_ready("is being deleted", None),
        Until::Address => address(object),
        Until::Available if kind == Kind::DaemonSet => daemon_set::available(object),
        Until::Available => deployment::available(object),
        Until::Ready if kind == Kind::Pod => pod::ready(object),
        Until::Ready => condition(object, "Ready", "True"),
        Until::Healthy => application::healthy(object),
        Until::Synced => application::synced(object),
        Until::Condition { name, status } => condition(object, name, status),
    };
    let mut states: Vec<State> = until.iter().map(state).collect();
    states.dedup();
    State::all(&states)
}

/// What does not exist is as it is waited to become, or is not.
pub(super) fn absent(until: &[Until]) -> State {
    if until.iter().all(|until| *until == Until::Deleted) {
        State::ready("does not exist any more")
    } else {
        State::not_ready("does not exist", None)
    }
}

fn deleted(object: &DynamicObject) -> State {
    let metadata = &object.metadata;
    let finalizers = metadata.finalizers.iter().flatten().map(|it| format!("`{}`", text::line(it, MAX_NAME)));
    let finalizers = finalizers.collect::<Vec<_>>().join(", ");
    State::not_ready(
        match (&metadata.deletion_timestamp, finalizers.is_empty()) {
            (None, _) => "still exists, and nobody has deleted it".to_owned(),
            (Some(_), true) => "is being deleted".to_owned(),
            (Some(_), false) => format!("is being deleted, and waits for its finalizers {finalizers}"),
        },
        None,
    )
}

fn address(service: &DynamicObject) -> State {
    let given = service.data["status"]["loadBalancer"]["ingress"].as_array().map_or(&[][..], Vec::as_slice);
    let text = |ingress: &serde_json::Value| {
        let text = ingress["ip"].as_str().or(ingress["hostname"].as_str()).unwrap_or_default();
        Some(text::line(text, MAX_NAME)).filter(|text| !text.is_empty())
    };
    let addresses: Vec<String> = given.iter().filter_map(text).collect();
    match (addresses.as_slice(), service.data["spec"]["type"].as_str()) {
        ([], Some("LoadBalancer")) => State::not_ready("its load balancer has no address yet", None),
        ([], other) => {
            let other = text::line(other.unwrap_or("ClusterIP"), MAX_NAME);
            State::not_ready(format!("it is of type {other}, not LoadBalancer"), None)
        }
        ([address], _) => State::ready(format!("has the address {address}")),
        (addresses, _) => State::ready(format!("has the addresses {}", addresses.join(", "))),
    }
}

fn condition(object: &DynamicObject, name: &str, status: &str) -> State {
    let found = Condition::current(object).into_iter().find(|it| it.name.eq_ignore_ascii_case(name));
    match found {
        Some(it) if it.status.eq_ignore_ascii_case(status) => {
            State::ready(format!("its condition {} is {}", it.name, it.status))
        }
        Some(it) => {
            let status = if it.status.is_empty() { "without a status" } else { &it.status };
            State::not_ready(format!("its condition {} is {status}", it.name), Some(it))
        }
        None if is_stale(object) => State::not_ready("its latest change has not been acted on yet", None),
        None => State::not_ready(format!("it has no condition {name} yet"), None),
    }
}
