//! How far one of the things that are waited for is.

use std::collections::BTreeMap;
use std::fmt;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::core::{DynamicObject, Selector};

use super::state::{State, absent, state};
use super::{Awaited, Kind, Until};
use crate::Error;
use crate::follow::Update;

/// How many objects are named that are not ready.
const NAMED: usize = 5;

/// How far one of the things that are waited for is.
#[derive(Clone, Debug)]
pub struct Standing {
    awaited: Awaited,
    /// By namespace and name.
    objects: BTreeMap<(String, String), Finding>,
    trouble: Option<Error>,
    /// The cluster told at least once.
    answered: bool,
    /// The cluster told after the last trouble.
    current: bool,
}

/// An object that is waited for, as it was seen last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its kind.
    pub kind: Kind,
    /// `None` where the kind has none, and for a kind of which there is no object.
    pub namespace: Option<String>,
    /// `None` for a kind of which there is no object.
    pub name: Option<String>,
    /// How it is.
    pub state: State,
    /// Its identity, when it exists.
    pub(crate) uid: Option<String>,
    /// What selects the pods that it makes, if it does.
    pub(crate) pods: Option<String>,
}

impl Standing {
    pub(super) fn new(awaited: Awaited) -> Self {
        Self { awaited, objects: BTreeMap::new(), trouble: None, answered: false, current: false }
    }

    /// What is waited for.
    pub fn awaited(&self) -> &Awaited {
        &self.awaited
    }

    /// Whether all of it was seen as it is waited to become, and nothing has
    /// kept us from seeing since.
    pub fn is_ready(&self) -> bool {
        if self.objects.is_empty() {
            return self.current && absent(&self.awaited.until).is_ready();
        }
        self.current && self.objects.values().all(|finding| finding.state.is_ready())
    }

    /// Whether what was seen last is as it is now.
    pub fn is_current(&self) -> bool {
        self.current
    }

    /// Whether the cluster told anything of it.
    pub fn is_answered(&self) -> bool {
        self.answered
    }

    /// Why nothing newer is known; it is being retried.
    pub fn trouble(&self) -> Option<&Error> {
        self.trouble.as_ref()
    }

    /// Each object, sorted by its name; where there is none, this as the only finding.
    pub fn findings(&self) -> Vec<Finding> {
        if !self.objects.is_empty() {
            return self.objects.values().cloned().collect();
        }
        let Awaited { kind, namespace, name, until } = &self.awaited;
        let unseen = || State::not_ready("has not been seen yet", None);
        let state = if self.answered { absent(until) } else { unseen() };
        let (namespace, name) = (namespace.clone(), name.clone());
        vec![Finding { kind: *kind, namespace, name, state, uid: None, pods: None }]
    }

    /// Takes what is new. Returns whether something changed that people can see.
    pub(super) fn take(&mut self, update: Update<DynamicObject>) -> bool {
        let before = (self.is_ready(), self.to_string());
        self.current = !matches!(update, Update::Trouble(_));
        match update {
            Update::All(objects) => {
                self.answered = true;
                self.objects.clear();
                for object in &objects {
                    self.insert(object);
                }
            }
            Update::There(object) => self.insert(&object),
            Update::Gone(object) => {
                self.objects.remove(&key(&object));
            }
            Update::Current => self.trouble = None,
            Update::Trouble(error) => self.trouble = Some(error),
        }
        before != (self.is_ready(), self.to_string())
    }

    fn insert(&mut self, object: &DynamicObject) {
        let kind = self.awaited.kind;
        let finding = Finding {
            kind,
            namespace: object.metadata.namespace.clone(),
            name: object.metadata.name.clone(),
            state: state(kind, object, &self.awaited.until),
            uid: object.metadata.uid.clone(),
            pods: kind.makes_pods().then(|| pod_selector(object)).flatten(),
        };
        self.objects.insert(key(object), finding);
    }
}

fn key(object: &DynamicObject) -> (String, String) {
    let metadata = &object.metadata;
    (metadata.namespace.clone().unwrap_or_default(), metadata.name.clone().unwrap_or_default())
}

fn pod_selector(object: &DynamicObject) -> Option<String> {
    let selector: LabelSelector = serde_json::from_value(object.data["spec"]["selector"].clone()).ok()?;
    let selector = Selector::try_from(selector).ok()?.to_string();
    // Nothing would select all pods there are.
    Some(selector).filter(|selector| !selector.is_empty())
}

impl fmt::Display for Standing {
    /// How it is, in a few words: `its load balancer has no address yet`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(trouble) = self.trouble.as_ref().filter(|_| !self.is_ready()) {
            return trouble.fmt(f);
        }
        let word = if self.awaited.until.contains(&Until::Deleted) { "gone" } else { "ready" };
        let findings = self.findings();
        let (ready, others): (Vec<_>, Vec<_>) = findings.iter().partition(|it| it.state.is_ready());
        match (&findings[..], &others[..]) {
            ([one], _) if !self.answered || self.awaited.name.is_some() => f.write_str(one.state.text()),
            ([Finding { name: None, .. }], _) => write!(f, "there is no {}", self.awaited.kind),
            (_, []) => write!(f, "all {} are {word}", ready.len()),
            (_, others) => {
                write!(f, "{} of {} are {word}, not ", ready.len(), findings.len())?;
                let names: Vec<_> =
                    others.iter().take(NAMED).map(|it| format!("`{}`", it.full_name())).collect();
                f.write_str(&names.join(", "))?;
                if others.len() > NAMED { write!(f, " and {} more", others.len() - NAMED) } else { Ok(()) }
            }
        }
    }
}

impl Finding {
    /// `namespace/name`, as far as it has them.
    pub fn full_name(&self) -> String {
        self.namespace.iter().chain(&self.name).map(String::as_str).collect::<Vec<_>>().join("/")
    }
}

impl fmt::Display for Finding {
    /// Its kind and name: ``node `a` ``.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            Some(_) => write!(f, "{} `{}`", self.kind, self.full_name()),
            None => write!(f, "any {}", self.kind),
        }
    }
}
