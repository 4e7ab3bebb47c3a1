//! What was looked for, and what was seen of it.

use std::collections::BTreeMap;

use crate::{Error, HostList, HostListRef, ObjectName, Service};

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Services; each may be absent.
    pub services: Vec<ObjectName>,
    /// The list of hosts.
    pub host_list: Option<HostListRef>,
}

/// What was seen so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// All services that are wanted.
    pub services: BTreeMap<ObjectName, Observed<Service>>,
    /// There exactly if it is wanted.
    pub host_list: Option<Observed<HostList>>,
}

/// An object as it was last seen, and what keeps us from seeing more.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed<T> {
    /// As it was last seen. Stays while the cluster cannot be asked.
    pub last: Last<T>,
    /// Why nothing newer is known; it is being retried.
    pub trouble: Option<Error>,
}

/// An object as it was last seen.
#[derive(Clone, Debug, PartialEq)]
pub enum Last<T> {
    /// It has not been seen yet.
    Unknown,
    /// It does not exist.
    Absent,
    /// It exists.
    There(T),
}

impl Seen {
    /// Nothing of `wanted` has been seen yet.
    pub(crate) fn nothing(wanted: &Wanted) -> Self {
        Self {
            services: wanted.services.iter().map(|name| (name.clone(), Observed::default())).collect(),
            host_list: wanted.host_list.as_ref().map(|_| Observed::default()),
        }
    }

    /// Whether there is an answer for everything: it was seen once, or why not is known.
    pub fn is_complete(&self) -> bool {
        self.services.values().all(Observed::is_answered)
            && self.host_list.as_ref().is_none_or(Observed::is_answered)
    }

    /// The first trouble there is, if any.
    pub fn trouble(&self) -> Option<&Error> {
        let hosts = self.host_list.iter().filter_map(|list| list.trouble.as_ref());
        self.services.values().filter_map(|service| service.trouble.as_ref()).chain(hosts).next()
    }
}

impl<T> Observed<T> {
    fn is_answered(&self) -> bool {
        self.trouble.is_some() || !matches!(self.last, Last::Unknown)
    }
}

impl<T> Default for Observed<T> {
    fn default() -> Self {
        Self { last: Last::Unknown, trouble: None }
    }
}
