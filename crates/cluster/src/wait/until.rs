//! What an object is waited to become.

use std::fmt;

use super::Kind;

/// What an object is waited to become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Until {
    /// A Service: its load balancer has an address or a name.
    Address,
    /// A Deployment or a `DaemonSet`: its rollout is complete, and all its pods are available.
    Available,
    /// A Node or a Pod: its condition `Ready` is `True`; a Pod may have succeeded instead.
    Ready,
    /// An Application: what it made is healthy.
    Healthy,
    /// An Application: what it made is as its source says, and no operation is under way.
    Synced,
    /// Any: its condition has the status; case makes no difference in either.
    Condition {
        /// The condition's type.
        name: String,
        /// `True`, `False` or `Unknown`.
        status: String,
    },
    /// Any: it does not exist any more.
    Deleted,
}

impl Until {
    /// Whether an object of this kind can become so.
    pub fn fits(&self, kind: Kind) -> bool {
        matches!(self, Self::Condition { .. } | Self::Deleted) || kind.default_until().contains(self)
    }
}

impl fmt::Display for Until {
    /// As `k8s wait --for` and, where they are the same, `kubectl wait --for` take it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address => f.write_str("address"),
            Self::Available => f.write_str("available"),
            Self::Ready => f.write_str("ready"),
            Self::Healthy => f.write_str("healthy"),
            Self::Synced => f.write_str("synced"),
            Self::Condition { name, status } => write!(f, "condition={name}={status}"),
            Self::Deleted => f.write_str("delete"),
        }
    }
}
