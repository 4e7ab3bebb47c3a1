//! What the cluster is asked to do.

use std::fmt;

/// What the cluster is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// To tell of it.
    Read,
    /// To make it so.
    Apply,
    /// To delete it.
    Delete,
    /// To carry connections to it.
    Forward,
}

impl Action {
    /// What it asks of the cluster.
    pub(crate) fn asked(self) -> &'static str {
        match self {
            Self::Read => "tell",
            Self::Apply => "apply",
            Self::Delete => "delete",
            Self::Forward => "forward to",
        }
    }

    /// The verbs of Kubernetes that it takes.
    pub(crate) fn right(self) -> &'static str {
        match self {
            Self::Read => "list and watch",
            Self::Apply => "get, create and patch",
            Self::Delete => "delete",
            Self::Forward => "forward ports of",
        }
    }
}

impl fmt::Display for Action {
    /// What it is for us.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            other => other.asked(),
        })
    }
}
