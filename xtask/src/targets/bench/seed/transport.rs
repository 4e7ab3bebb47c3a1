//! What is pushed over.

use clap::ValueEnum;
use serde::Serialize;

use crate::targets::bench::checkout;

/// What connects a client with the repositories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// Bare repositories on this disk
    Path,
    /// Smart HTTP with TLS, to a server on this machine
    Https,
}

impl Transport {
    /// As it is in the answer.
    pub fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Https => "https",
        }
    }

    /// What is at its other end.
    pub fn what(self) -> &'static str {
        match self {
            Self::Path => "Git's own programs, in bare repositories on this disk",
            Self::Https => {
                "Git's `http-backend` behind TLS on 127.0.0.1, with repositories on this disk; no hook, no \
                 database"
            }
        }
    }

    /// The profile whose Git server is reached so.
    pub fn profile(self) -> &'static str {
        match self {
            Self::Path => "local",
            Self::Https => checkout::PROFILE,
        }
    }
}
