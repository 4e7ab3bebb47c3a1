//! The networks of a cluster that kind makes.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::overlap;
use crate::profile::kind::IpFamily;

/// Docker's network of the nodes.
pub(in super::super) const NETWORK: &str = "kind";

/// What kind gives pods and services when its configuration does not say
/// otherwise (pkg/internal/apis/config/default.go).
const PODS: (Ipv4Net, Ipv6Net) = (ipv4(10, 244), ipv6([0xfd00, 0x10, 0x244, 0, 0, 0, 0, 0], 56));
const SERVICES: (Ipv4Net, Ipv6Net) = (ipv4(10, 96), ipv6([0xfd00, 0x10, 0x96, 0, 0, 0, 0, 0], 112));

const fn ipv4(one: u8, two: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(one, two, 0, 0), 16)
}

const fn ipv6(segments: [u16; 8], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::from_segments(segments), prefix)
}

/// A network of the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Own {
    /// In words.
    pub(in super::super) what: &'static str,
    /// Its addresses.
    pub(in super::super) subnet: IpNet,
    /// Whether this machine itself has a route to it.
    is_routed: bool,
}

impl Own {
    /// Whether another network takes what is for this one, or is hidden by it.
    /// Where this machine has routes to both, the narrower one wins.
    pub(super) fn clashes(&self, other: &IpNet) -> bool {
        let wins = self.is_routed && other.prefix_len() < self.subnet.prefix_len();
        overlap(&self.subnet, other) && !wins
    }
}

/// Those of a cluster of this family, whose nodes have the subnets `nodes`.
pub(in super::super) fn of(family: IpFamily, nodes: &[IpNet]) -> Vec<Own> {
    let has = |subnet: &IpNet| match family {
        IpFamily::Ipv4 => matches!(subnet, IpNet::V4(_)),
        IpFamily::Ipv6 => matches!(subnet, IpNet::V6(_)),
        IpFamily::Dual => true,
    };
    let inner = |what, (ipv4, ipv6): (Ipv4Net, Ipv6Net)| {
        [ipv4.into(), ipv6.into()].map(|subnet| Own { what, subnet, is_routed: false })
    };
    let nodes = nodes.iter().map(|&subnet| Own { what: "Docker's network `kind`", subnet, is_routed: true });
    let inner = inner("that of pods", PODS).into_iter().chain(inner("that of services", SERVICES));
    inner.chain(nodes).filter(|own| has(&own.subnet)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families() {
        let told = |family| {
            let nodes = ["172.18.0.0/16", "fc00:f853:ccd:e793::/64"].map(|it| it.parse().unwrap());
            of(family, &nodes).iter().map(|own| own.subnet.to_string()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(told(IpFamily::Ipv4), "10.244.0.0/16 10.96.0.0/16 172.18.0.0/16");
        assert_eq!(told(IpFamily::Ipv6), "fd00:10:244::/56 fd00:10:96::/112 fc00:f853:ccd:e793::/64");
        assert_eq!(of(IpFamily::Dual, &[]).len(), 4);
    }
}
