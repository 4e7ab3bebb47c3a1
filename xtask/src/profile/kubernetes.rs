//! What runs the services.

use std::fmt;

use serde::Serialize;

/// What runs the services that the routes lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kubernetes {
    /// Nothing: stand-ins of this program take the services' place.
    None,
    /// kind, in Docker.
    Kind,
    /// RKE2, from a Debian package.
    Rke2,
    /// EKS, in AWS.
    Eks,
}

impl Kubernetes {
    /// All there are.
    pub(super) const ALL: [Self; 4] = [Self::None, Self::Kind, Self::Rke2, Self::Eks];
}

impl fmt::Display for Kubernetes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Kind => "kind",
            Self::Rke2 => "rke2",
            Self::Eks => "eks",
        })
    }
}
