//! How a profile writes host names.

use std::fmt;

use routing::{HostName, HostPattern};
use serde::Serialize;

use super::object::ObjectRef;

/// An entry of a route's `hosts`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(into = "String")]
pub enum HostEntry {
    /// A name, a wildcard, or everything.
    Pattern(HostPattern),
    /// `@hosts`: whatever the host list holds.
    HostList,
}

/// What `@hosts` stands for.
#[derive(Clone, Debug, Serialize)]
pub struct HostList {
    /// The list in the cluster.
    pub config_map: ObjectRef,
    /// Its key: a YAML list in a string.
    pub key: String,
    /// The names that hold until the list in the cluster has been read.
    pub hosts: Vec<HostPattern>,
}

impl HostEntry {
    /// Reads an entry of a profile: `*`, `@hosts`, or a name.
    ///
    /// In a name, `@` stands for the domain, alone or as the last label. A
    /// name without a dot is a label under the domain; one with a dot is taken
    /// as it stands.
    pub(super) fn parse(text: &str, domain: &HostName) -> Result<Self, String> {
        let name = match text {
            "@hosts" => return Ok(Self::HostList),
            "*" => return Ok(Self::Pattern(HostPattern::Any)),
            "@" => domain.to_string(),
            _ => match text.strip_suffix(".@") {
                Some(labels) => format!("{labels}.{domain}"),
                None if text.contains('.') || text.is_empty() => text.to_owned(),
                None => format!("{text}.{domain}"),
            },
        };
        HostPattern::parse(&name).map(Self::Pattern).map_err(|error| format!("host `{text}`: {error}"))
    }
}

impl fmt::Display for HostEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pattern(pattern) => pattern.fmt(f),
            Self::HostList => f.write_str("@hosts"),
        }
    }
}

impl From<HostEntry> for String {
    fn from(entry: HostEntry) -> Self {
        entry.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        let domain = HostName::parse("kind.internal").unwrap();
        HostEntry::parse(text, &domain).map(|entry| entry.to_string())
    }

    #[test]
    fn resolves_the_notation() {
        for (text, name) in [
            ("argo", "argo.kind.internal"),
            ("Web-UI", "web-ui.kind.internal"),
            ("@", "kind.internal"),
            ("*.apps.@", "*.apps.kind.internal"),
            ("*.@", "*.kind.internal"),
            ("a.b.@", "a.b.kind.internal"),
            ("fake.host", "fake.host"),
            ("*.example.com", "*.example.com"),
            ("*", "*"),
            ("@hosts", "@hosts"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(name), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_name() {
        for text in
            ["", "@host", "a..b", "a b", "{{", "a`b", "a\nb", "a\"b", "a*", "*.*.b", "10.0.0.1", "-a", "ü"]
        {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(&format!("host `{text}`: ")), "{error}");
        }
    }
}
