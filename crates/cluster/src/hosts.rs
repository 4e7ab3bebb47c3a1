//! The list of host names that a `ConfigMap` holds.

use std::collections::HashSet;

use routing::{HostName, HostPattern};
use serde_yaml_ng::Value;

use crate::{ObjectName, text};

/// Longest text that is read, in bytes: what a `ConfigMap` may hold.
const MAX_TEXT: usize = 1 << 20;
/// Most entries, and most brackets: for what it keeps of each open bracket, the
/// YAML scanner takes time that grows with their square.
const MAX_ENTRIES: usize = 20_000;
/// Longest part of an entry that is shown, in characters.
const MAX_SHOWN: usize = 100;

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
    ///
    /// A name without a dot is a label under `domain`, and `@` stands for the
    /// domain, alone or as the last label. `*.name` is a wildcard; `*` alone
    /// is malformed. Anchors are not read: with aliases, a small text could
    /// stand for a list of any length.
    pub fn parse(text: &str, domain: &HostName) -> Self {
        let mut list = Self::default();
        let mut seen = HashSet::new();
        match entries(text) {
            Err(reason) => list.malformed.push(Malformed::new(text, reason)),
            Ok(entries) => {
                for entry in entries {
                    match pattern(&entry, domain) {
                        Ok(pattern) if !seen.insert(pattern.clone()) => {}
                        Ok(pattern) => list.hosts.push(pattern),
                        Err(reason) => list.malformed.push(Malformed::new(&shown(&entry), reason)),
                    }
                }
            }
        }
        list
    }

    /// The list of a `ConfigMap` that does not have the key.
    pub(crate) fn without_key(key: &str) -> Self {
        let malformed = vec![Malformed::new(key, "the ConfigMap has no such key".into())];
        Self { hosts: Vec::new(), malformed }
    }
}

impl Malformed {
    fn new(entry: &str, reason: String) -> Self {
        Self { entry: text::line(entry, MAX_SHOWN), reason }
    }
}

fn entries(text: &str) -> Result<Vec<Value>, String> {
    if text.len() > MAX_TEXT {
        return Err("the list is longer than 1 MiB".into());
    }
    if has_anchor(text) {
        return Err("the list has a YAML anchor (`&name`), and those are not read".into());
    }
    if text.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count() > MAX_ENTRIES {
        return Err(format!("the list has more than {MAX_ENTRIES} brackets"));
    }
    match serde_yaml_ng::from_str(text) {
        Ok(Value::Sequence(entries)) if entries.len() > MAX_ENTRIES => {
            Err(format!("the list has more than {MAX_ENTRIES} entries"))
        }
        Ok(Value::Sequence(entries)) => Ok(entries),
        Ok(Value::Null) => Err("it is empty, and not a YAML list".into()),
        Ok(_) => Err("it is not a YAML list".into()),
        Err(error) => {
            let error = text::line(&error.to_string(), 200);
            let hint = if error.contains("alias") || error.contains("anchor") {
                "; a name that begins with `*` needs quotes"
            } else {
                ""
            };
            Err(format!("it is not YAML: {error}{hint}"))
        }
    }
}

/// Whether a node is anchored: a `&` where a token may begin, with a name after it.
/// In a host name there is none, so that in doubt the text is refused.
fn has_anchor(text: &str) -> bool {
    text.match_indices('&').any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + 1..].chars().next();
        !before.is_some_and(char::is_alphanumeric)
            && after.is_some_and(|after| after.is_alphanumeric() || after == '_' || after == '-')
    })
}

fn pattern(entry: &Value, domain: &HostName) -> Result<HostPattern, String> {
    let text = match entry {
        Value::String(text) => text,
        Value::Null => return Err("it is empty".into()),
        Value::Bool(_) | Value::Number(_) => return Err("it is a value, not a name; put it in quotes".into()),
        Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => {
            return Err("it is not a plain name".into());
        }
    };
    let name = match (text.as_str(), text.strip_suffix(".@")) {
        ("*", _) => return Err("it would take every host".into()),
        ("@", _) => domain.to_string(),
        (_, Some(labels)) => format!("{labels}.{domain}"),
        (_, None) if text.contains('.') || text.is_empty() => text.clone(),
        (_, None) => format!("{text}.{domain}"),
    };
    HostPattern::parse(&name).map_err(|error| error.to_string())
}

/// The entry as it may be shown: never more of a nested one than its kind.
fn shown(entry: &Value) -> String {
    match entry {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Number(value) => value.to_string(),
        Value::String(text) => text.clone(),
        Value::Sequence(_) => "[…]".into(),
        Value::Mapping(_) => "{…}".into(),
        Value::Tagged(value) => value.tag.to_string(),
    }
}

#[cfg(test)]
#[path = "hosts_tests.rs"]
mod tests;
