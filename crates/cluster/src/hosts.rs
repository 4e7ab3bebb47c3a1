//! The list of host names that a `ConfigMap` holds.

use routing::{HostName, HostPattern};

use crate::ObjectName;

/// Where the list is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostListRef {
    /// The `ConfigMap`.
    pub config_map: ObjectName,
    /// Its key: a YAML list in a string.
    pub key: String,
    /// The domain under which a name without a dot is a label.
    pub domain: HostName,
}

/// The list, as far as it can be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostList {
    /// In their order, each once.
    pub hosts: Vec<HostPattern>,
    /// What cannot be used.
    pub malformed: Vec<Malformed>,
}

/// An entry that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// As it stands there, at most 100 characters of it, printable.
    pub entry: String,
    /// In lower case.
    pub reason: String,
}

impl HostList {
    /// Reads the list. Never fails: what is no list at all is one malformed entry.
    pub fn parse(text: &str, domain: &HostName) -> Self {
        let _ = (text, domain);
        todo!()
    }
}
