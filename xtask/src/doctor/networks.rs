//! Networks that have the same addresses as the cluster.

mod others;
pub(super) mod own;

use ipnet::IpNet;

use others::Other;
use own::Own;

use super::{Check, Facts, Seen, Verb, has_kind};

pub(super) const CHECK: Check = Check {
    name: "networks",
    why: "what has an address of the cluster's cannot be reached from pods, or takes packets that are for them",
    applies: has_kind,
    verbs: &[Verb::Kind, Verb::Metallb, Verb::Up],
    look,
};

fn look(facts: &Facts<'_>) -> anyhow::Result<Seen> {
    let family = facts.cx.profile()?.kind()?.ip_family;
    let docker = match facts.told_by_docker() {
        Ok(docker) => docker,
        Err(unknown) => return Ok(unknown),
    };
    let own = own::of(family, docker.subnets(own::NETWORK));
    let mut others = others::of_docker(&docker.networks);
    others.extend(others::of_machine(&docker.networks)?);
    Ok(decide(&own, &others))
}

fn decide(own: &[Own], others: &[Other]) -> Seen {
    let pairs = others.iter().flat_map(|other| own.iter().map(move |own| (own, other)));
    let clashes = pairs.filter(|(own, other)| own.clashes(&other.subnet));
    let told = clashes.map(|(own, Other { what, subnet })| {
        format!("{what} ({subnet}) overlaps with {} ({})", own.what, own.subnet)
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        let subnets: Vec<String> = own.iter().map(|own| own.subnet.to_string()).collect();
        return Seen::good(format!("none overlaps with the cluster's: {}", subnets.join(", ")));
    }
    Seen::warning(
        told.join("; "),
        "make a network of containers anew with another `--subnet`; ask whoever runs a VPN for narrower routes, \
         or do without those hosts; let Docker choose others for kind: `default-address-pools` in \
         `/etc/docker/daemon.json`",
    )
}

/// Whether two networks have an address in common.
fn overlap(one: &IpNet, other: &IpNet) -> bool {
    one.contains(other) || other.contains(one)
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;
    use crate::profile::kind::IpFamily;

    fn told(others: &[(&str, &str)]) -> (State, String) {
        let own = own::of(IpFamily::Ipv4, &["172.18.0.0/16".parse().unwrap()]);
        let other = |(what, subnet): &(&str, &str)| Other {
            what: (*what).to_owned(),
            subnet: subnet.parse().unwrap(),
        };
        let seen = decide(&own, &others.iter().map(other).collect::<Vec<_>>());
        (seen.state, seen.found)
    }

    #[test]
    fn apart() {
        let good = "none overlaps with the cluster's: 10.244.0.0/16, 10.96.0.0/16, 172.18.0.0/16";
        let others =
            [("a", "172.19.0.0/16"), ("b", "192.168.1.0/24"), ("c", "fc00::/7"), ("d", "10.97.0.0/16")];
        assert_eq!(told(&others), (State::Good, good.into()));
    }

    #[test]
    fn a_vpn_that_has_the_addresses_of_pods_and_services() {
        let found = "the route by `tun0` (10.0.0.0/8) overlaps with that of pods (10.244.0.0/16); \
                     the route by `tun0` (10.0.0.0/8) overlaps with that of services (10.96.0.0/16)";
        assert_eq!(told(&[("the route by `tun0`", "10.0.0.0/8")]), (State::Warning, found.into()));
    }

    #[test]
    fn narrower_routes_take_packets_that_are_for_nodes() {
        let found =
            "the route by `tun0` (172.18.7.0/24) overlaps with Docker's network `kind` (172.18.0.0/16)";
        assert_eq!(told(&[("the route by `tun0`", "172.18.7.0/24")]), (State::Warning, found.into()));
        assert_eq!(told(&[("the route by `tun0`", "172.16.0.0/12")]).0, State::Good);
    }
}
