use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn subnet(net: &str, gateway: &str) -> Subnet {
    Subnet { net: net.parse().unwrap(), gateway: gateway.parse().ok(), handed_out: None }
}

fn network(subnets: &[Subnet], taken: &[&str]) -> Network {
    let taken = taken.iter().map(|range| Taken { range: range.parse().unwrap(), by: "container `x`".into() });
    Network { subnets: subnets.to_vec(), taken: taken.collect() }
}

fn wanted(rest: u16) -> Wanted {
    let pools = [("argo", 20), ("orchestrator", 30), ("boots", 40)];
    Wanted { pools: pools.map(|(name, host)| (name.to_owned(), host)).to_vec(), rest }
}

/// What the pools have after the plan.
fn held(plan: &Plan) -> Held {
    let ranges = |(name, addresses): &(String, Vec<IpAddr>)| {
        (name.clone(), addresses.iter().copied().map(Range::from).collect())
    };
    Held { pools: plan.pools.iter().map(ranges).collect(), rest: plan.rest.clone() }
}

/// The addresses of the pools, a blank between families; then the rest.
fn shown(plan: &Plan) -> (Vec<String>, Vec<String>) {
    let pool = |(_, addresses): &(String, Vec<IpAddr>)| {
        addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    };
    (plan.pools.iter().map(pool).collect(), plan.rest.iter().map(ToString::to_string).collect())
}

fn assert_plan(network: &Network, rest: u16, pools: [&str; 3], others: &[&str]) {
    let plan = plan(network, &wanted(rest), &Held::default()).unwrap();
    let (found, rest) = shown(&plan);
    assert_eq!(
        (found, rest),
        (pools.map(String::from).to_vec(), others.iter().map(ToString::to_string).collect())
    );
}

#[test]
fn hosts_of_the_last_block_where_they_fit() {
    let kind = subnet("172.18.0.0/16", "172.18.0.1");
    let pools = ["172.18.255.20", "172.18.255.30", "172.18.255.40"];
    assert_plan(&network(&[kind], &["172.18.0.2"]), 20, pools, &["172.18.255.41-172.18.255.60"]);
    assert_plan(&network(&[kind], &[]), 0, pools, &[]);
}

#[test]
fn the_next_from_the_top_where_they_do_not() {
    let kind = subnet("172.18.0.0/16", "172.18.0.1");
    let taken = network(&[kind], &["172.18.255.30", "172.18.255.254", "172.18.255.45"]);
    let pools = ["172.18.255.20", "172.18.255.253", "172.18.255.40"];
    assert_plan(&taken, 2, pools, &["172.18.255.251-172.18.255.252"]);
    let small = network(&[subnet("10.9.8.16/28", "10.9.8.17")], &["10.9.8.18", "10.9.8.19"]);
    let pools = ["10.9.8.30", "10.9.8.29", "10.9.8.28"];
    // 20 to 27 are free; half of them stays.
    assert_plan(&small, 20, pools, &["10.9.8.24-10.9.8.27"]);
}

#[test]
fn what_containers_are_given_is_left_to_them_while_there_is_other() {
    let range = |range: &str| Subnet { handed_out: range.parse().ok(), ..subnet("10.0.0.0/24", "10.0.0.1") };
    let outside = network(&[range("10.0.0.0/26")], &[]);
    assert_plan(&outside, 3, ["10.0.0.254", "10.0.0.253", "10.0.0.252"], &["10.0.0.249-10.0.0.251"]);
    let all = network(&[range("10.0.0.0/24")], &[]);
    assert_plan(&all, 2, ["10.0.0.20", "10.0.0.30", "10.0.0.40"], &["10.0.0.41-10.0.0.42"]);
}

#[test]
fn a_second_family_beside_the_first_or_alone() {
    let six = subnet("fc00:f853:ccd:e793::/64", "fc00:f853:ccd:e793::1");
    let both = network(&[six, subnet("172.18.0.0/16", "172.18.0.1")], &[]);
    let top = "fc00:f853:ccd:e793:ffff:ffff:ffff:ff";
    let pools = ["20", "30", "40"].iter().zip(["14", "1e", "28"]);
    let pools: Vec<String> = pools.map(|(four, six)| format!("172.18.255.{four} {top}{six}")).collect();
    let [argo, orchestrator, boots] = [&pools[0], &pools[1], &pools[2]];
    let rest = ["172.18.255.41-172.18.255.42", &format!("{top}29-{top}2a")];
    assert_plan(&both, 2, [argo, orchestrator, boots], &rest);
    let alone = ["14", "1e", "28"].map(|host| format!("{top}{host}"));
    assert_plan(&network(&[six], &[]), 0, [&alone[0], &alone[1], &alone[2]], &[]);
}

#[test]
fn the_first_subnet_with_room_for_all() {
    let subnets = [subnet("10.1.0.0/30", "10.1.0.1"), subnet("10.2.0.0/24", "10.2.0.1")];
    assert_plan(&network(&subnets, &[]), 1, ["10.2.0.20", "10.2.0.30", "10.2.0.40"], &["10.2.0.41/32"]);
}

#[test]
fn what_a_pool_has_it_keeps() {
    let network = network(&[subnet("172.18.0.0/16", "172.18.0.1")], &["172.18.255.30"]);
    let range = |text: &str| vec![text.parse::<Range>().unwrap()];
    let held = Held {
        pools: BTreeMap::from([
            ("argo".to_owned(), range("172.18.9.9/32")),
            // Somebody else has it now.
            ("orchestrator".to_owned(), range("172.18.255.30/32")),
            // Of a network that is gone.
            ("boots".to_owned(), range("172.19.255.40/32")),
        ]),
        rest: range("172.18.255.40-172.18.255.43"),
    };
    let (pools, rest) = shown(&plan(&network, &wanted(6), &held).unwrap());
    assert_eq!(pools, ["172.18.9.9", "172.18.255.254", "172.18.255.253"]);
    assert_eq!(rest, ["172.18.255.40-172.18.255.43", "172.18.255.251-172.18.255.252"]);
}

#[test]
fn too_little_room_is_told_with_who_has_it() {
    let small = network(&[subnet("10.0.0.0/29", "10.0.0.1")], &["10.0.0.2", "10.0.0.4-10.0.0.5"]);
    let error = plan(&small, &wanted(20), &Held::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "needed is an address each for `argo`, `orchestrator`, `boots` of IPv4; `10.0.0.0/29` has 2 left: \
         10.0.0.1 is the gateway, container `x` has 10.0.0.2/32, container `x` has 10.0.0.4-10.0.0.5"
    );
    for net in ["10.0.0.0/30", "10.0.0.0/31", "10.0.0.0/32", "fc00::/127"] {
        let network = network(&[subnet(net, "")], &[]);
        assert!(plan(&network, &wanted(0), &Held::default()).is_err(), "{net}");
    }
    let full = network(&[subnet("fc00::/64", "")], &["fc00::/64"]);
    assert!(plan(&full, &wanted(0), &Held::default()).is_err());
    assert!(plan(&network(&[], &[]), &wanted(0), &Held::default()).is_err());
}

/// A subnet with a gateway, perhaps with a range for containers.
fn subnets() -> impl Strategy<Value = Subnet> {
    let four = (0x0a00_0000_u32..0x0b00_0000, 16_u8..=30)
        .prop_map(|(bits, prefix)| IpNet::new(IpAddr::from(bits.to_be_bytes()), prefix).unwrap());
    let six = (any::<u64>(), 64_u8..=126).prop_map(|(bits, prefix)| {
        let bits = (0xfc00_u128 << 112) | u128::from(bits);
        IpNet::new(std::net::Ipv6Addr::from_bits(bits).into(), prefix).unwrap()
    });
    (prop_oneof![four, six], any::<bool>()).prop_map(|(net, ranged)| {
        let net = net.trunc();
        let gateway = net.hosts().next();
        let half = IpNet::new(net.network(), net.prefix_len() + 1).unwrap();
        Subnet { net, gateway, handed_out: ranged.then_some(half) }
    })
}

fn networks() -> impl Strategy<Value = Network> {
    let taken =
        prop::collection::vec((any::<prop::sample::Index>(), 0_u8..64, any::<bool>(), 1_u8..8), 0..12);
    (prop::collection::vec(subnets(), 1..4), taken).prop_map(|(subnets, taken)| {
        let taken = taken.into_iter().filter_map(|(index, offset, top, length)| {
            let whole = Range::from(index.get(&subnets).net);
            let offset = u128::from(offset);
            let low =
                if top { whole.high().checked_sub(offset)? } else { whole.low().checked_add(offset)? };
            let high = low.checked_add(u128::from(length))?.min(whole.high());
            Some(Taken { range: Range::new(whole.family(), low, high)?, by: String::new() })
        });
        Network { taken: taken.collect(), subnets: subnets.clone() }
    })
}

fn all_addresses(plan: &Plan) -> Vec<IpAddr> {
    let rest = plan.rest.iter().flat_map(|range| {
        (range.low()..=range.high()).map(|number| range.family().address(number)).collect::<Vec<_>>()
    });
    plan.pools.iter().flat_map(|(_, addresses)| addresses.clone()).chain(rest).collect()
}

proptest! {
    #[test]
    fn nobody_elses_address_and_each_once(network in networks(), rest in 0_u16..40) {
        let Ok(plan) = plan(&network, &wanted(rest), &Held::default()) else { return Ok(()) };
        let all = all_addresses(&plan);
        prop_assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        for address in all {
            let subnets: Vec<_> = network.subnets.iter().filter(|it| it.net.contains(&address)).collect();
            prop_assert!(!subnets.is_empty());
            prop_assert!(network.taken.iter().all(|taken| !taken.range.contains(address)));
            // Where subnets overlap, it is right in one of them.
            let is_host = |it: &&&Subnet| {
                address != it.net.network() && address != it.net.broadcast() && Some(address) != it.gateway
            };
            prop_assert!(subnets.iter().any(|it| is_host(&it)));
        }
        let families: BTreeSet<_> = network.subnets.iter().map(|it| it.net.addr().is_ipv4()).collect();
        prop_assert!(plan.pools.iter().all(|(_, addresses)| addresses.len() == families.len()));
    }

    #[test]
    fn the_same_again(network in networks(), rest in 0_u16..40, other in any::<prop::sample::Index>()) {
        let Ok(first) = plan(&network, &wanted(rest), &Held::default()) else { return Ok(()) };
        prop_assert_eq!(&plan(&network, &wanted(rest), &Held::default()).unwrap(), &first);
        prop_assert_eq!(&plan(&network, &wanted(rest), &held(&first)).unwrap(), &first);
        // Whatever else comes or goes, and however the subnets are ordered.
        let mut changed = network.clone();
        let first_subnet = other.index(changed.subnets.len());
        changed.subnets.rotate_left(first_subnet);
        changed.taken.clear();
        let again = plan(&changed, &wanted(rest), &held(&first)).unwrap();
        prop_assert_eq!(again.pools, first.pools);
    }
}
