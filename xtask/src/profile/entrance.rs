//! What takes the connections from outside.

use std::fmt;

use serde::Serialize;

/// What takes the connections from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Entrance {
    /// An SNI router on this machine.
    Router,
    /// Addresses that MetalLB answers on.
    Metallb,
    /// Load balancers of AWS.
    Aws,
}

impl Entrance {
    /// All there are.
    pub(super) const ALL: [Self; 3] = [Self::Router, Self::Metallb, Self::Aws];

    /// For people.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Router => "an SNI router on this machine",
            Self::Metallb => "MetalLB, which gives each service an address of its own",
            Self::Aws => "made of AWS load balancers (NLB and ALB)",
        }
    }
}

impl fmt::Display for Entrance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Router => "router",
            Self::Metallb => "metallb",
            Self::Aws => "aws",
        })
    }
}
