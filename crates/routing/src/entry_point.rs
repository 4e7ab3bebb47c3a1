//! The ports that connections come in by.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// A port that the router listens on, by its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntryPoint {
    /// HTTPS of people and edge nodes, 443.
    Https,
    /// Raw TLS of edge nodes, 4433.
    Raw,
}

/// Where a router listens, or shall: an address for each entry point. Port 0
/// is any free one.
pub type Listeners = BTreeMap<EntryPoint, SocketAddr>;

impl EntryPoint {
    /// All entry points.
    pub const ALL: [Self; 2] = [Self::Https, Self::Raw];

    /// The name used in profiles and in Traefik's configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Raw => "raw",
        }
    }
}

impl fmt::Display for EntryPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
