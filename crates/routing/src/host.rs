//! Host names as they appear in SNI, and the patterns that match them.

use std::borrow::Borrow;
use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// Longest host name in bytes, without the trailing dot (RFC 1035, 2.3.4).
const MAX_NAME: usize = 253;
/// Longest label in bytes (RFC 1035, 2.3.4).
const MAX_LABEL: usize = 63;

/// A DNS host name in lower case and without a trailing dot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HostName(Box<str>);

/// Why a text is no host name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// Nothing, or a dot alone.
    #[error("it is empty")]
    Empty,
    /// Over 253 bytes.
    #[error("it is longer than 253 bytes")]
    TooLong,
    /// Two dots in a row, or a leading dot.
    #[error("it has an empty label")]
    EmptyLabel,
    /// A label over 63 bytes.
    #[error("it has a label longer than 63 bytes")]
    LabelTooLong,
    /// A label starts or ends with a hyphen.
    #[error("a label starts or ends with `-`")]
    Hyphen,
    /// SNI carries ASCII alone (RFC 6066, section 3).
    #[error("it is an internationalised name; write its ASCII form, `xn--…`, as TLS sends it")]
    NotAscii,
    /// Anything but letters, digits, `-`, `_` and `.`.
    #[error("it has a character other than letters, digits, `-`, `_` and `.`")]
    Character,
    /// Addresses are not sent in SNI (RFC 6066, section 3).
    #[error("it is an IP address, not a host name")]
    IpAddress,
    /// `*` stands for one whole label, the first.
    #[error("`*` stands alone or for the first label only, as in `*.example.com`")]
    Wildcard,
}

impl HostName {
    /// Normalises and checks a host name: lower case, one trailing dot stripped.
    ///
    /// Underscores are let through, as they occur in practice; everything else
    /// follows the "preferred name syntax" (RFC 1123, section 2.1).
    ///
    /// ```
    /// use routing::{HostError, HostName};
    ///
    /// assert_eq!(HostName::parse("Web-UI.Kind.Internal.").unwrap().as_str(), "web-ui.kind.internal");
    /// assert_eq!(HostName::parse("münchen.de"), Err(HostError::NotAscii));
    /// assert_eq!(HostName::parse("10.0.0.1"), Err(HostError::IpAddress));
    /// ```
    pub fn parse(text: &str) -> Result<Self, HostError> {
        if !text.is_ascii() {
            return Err(HostError::NotAscii);
        }
        if text.parse::<IpAddr>().is_ok() {
            return Err(HostError::IpAddress);
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        if name.is_empty() {
            return Err(HostError::Empty);
        }
        if name.len() > MAX_NAME {
            return Err(HostError::TooLong);
        }
        name.split('.').try_for_each(check_label)?;
        let name = name.to_ascii_lowercase();
        if name.parse::<IpAddr>().is_ok() {
            return Err(HostError::IpAddress);
        }
        Ok(Self(name.into()))
    }

    /// The normalised name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name without its first label, if more than one is left to speak of.
    fn parent(&self) -> Option<&str> {
        self.0.split_once('.').map(|(_, parent)| parent)
    }
}

fn check_label(label: &str) -> Result<(), HostError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if label.is_empty() {
        Err(HostError::EmptyLabel)
    } else if label.len() > MAX_LABEL {
        Err(HostError::LabelTooLong)
    } else if label.contains('*') {
        Err(HostError::Wildcard)
    } else if !label.bytes().all(allowed) {
        Err(HostError::Character)
    } else if label.starts_with('-') || label.ends_with('-') {
        Err(HostError::Hyphen)
    } else {
        Ok(())
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for HostName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for HostName {
    type Error = HostError;

    fn try_from(text: String) -> Result<Self, HostError> {
        Self::parse(&text)
    }
}

impl From<HostName> for String {
    fn from(name: HostName) -> Self {
        name.0.into()
    }
}

/// Which host names a route takes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum HostPattern {
    /// Just this name.
    Exact(HostName),
    /// `*.name`: one label before this name, as in Traefik since v3.7.
    Wildcard(HostName),
    /// `*`: every name, and connections that name none.
    Any,
}

impl HostPattern {
    /// Reads `name`, `*.name` or `*`.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        if text == "*" {
            return Ok(Self::Any);
        }
        match text.strip_prefix("*.") {
            Some(parent) => HostName::parse(parent).map(Self::Wildcard),
            None => HostName::parse(text).map(Self::Exact),
        }
    }

    /// Whether a connection for `name` (`None`: it names no host) is taken.
    pub fn matches(&self, name: Option<&HostName>) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(exact) => name == Some(exact),
            Self::Wildcard(parent) => name.and_then(HostName::parent) == Some(parent.as_str()),
        }
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(name) => name.fmt(f),
            Self::Wildcard(parent) => write!(f, "*.{parent}"),
            Self::Any => f.write_str("*"),
        }
    }
}

impl TryFrom<String> for HostPattern {
    type Error = HostError;

    fn try_from(text: String) -> Result<Self, HostError> {
        Self::parse(&text)
    }
}

impl From<HostPattern> for String {
    fn from(pattern: HostPattern) -> Self {
        pattern.to_string()
    }
}
