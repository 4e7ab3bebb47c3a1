//! The `node_ports` of a profile.

use std::fmt;

use serde::Serialize;

/// Whether services are to be reached on ports of the nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NodePorts {
    /// The services of all routes have node ports.
    Expected,
    /// No service is of type `NodePort`.
    Unexpected,
    /// Either way.
    Either,
}

impl NodePorts {
    pub(super) const ALL: [Self; 3] = [Self::Expected, Self::Unexpected, Self::Either];
}

impl fmt::Display for NodePorts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expected => "expected",
            Self::Unexpected => "unexpected",
            Self::Either => "either",
        })
    }
}
