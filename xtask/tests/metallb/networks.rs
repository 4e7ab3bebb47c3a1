//! Networks that are not as kind makes them: what is applied fits, or it is
//! told before anything is.

use crate::bed::Bed;

const IPV6: &str = "fc00:f853:ccd:e793::/64";

/// The pools that a dry run names, with their addresses.
fn pools(bed: &Bed, family: &str) -> Vec<String> {
    let ran = bed.metallb(&format!("apply --dry-run --set kind.ip_family={family}")).run().exits(0);
    let lines = ran.text().lines().filter_map(|line| line.strip_prefix("would apply pool "));
    lines.map(str::to_owned).collect()
}

#[test]
fn a_small_network_is_used_from_its_end() {
    let bed = Bed::in_network(&["172.18.0.0/28"], &[("node", "172.18.0.2/28")]);
    let own = ["`argo`: 172.18.0.14/32", "`orchestrator`: 172.18.0.13/32", "`boots`: 172.18.0.12/32"];
    let pools = pools(&bed, "ipv4");
    assert_eq!(pools[..3], own);
    assert_eq!(pools.len(), 4, "{pools:?}");
}

#[test]
fn of_several_subnets_those_of_the_clusters_family_are_taken() {
    let subnets = [IPV6, "10.1.0.0/30", "172.18.0.0/16"];
    let bed = Bed::in_network(&subnets, &[("node", "172.18.0.2/16")]);
    assert_eq!(pools(&bed, "ipv4")[0], "`argo`: 172.18.255.20/32");
    let both = "`argo`: 172.18.255.20/32, fc00:f853:ccd:e793:ffff:ffff:ffff:ff14/128";
    assert_eq!(pools(&bed, "dual")[0].replace(' ', ""), both.replace(' ', ""));
}

#[test]
fn ipv6_alone() {
    let bed = Bed::in_network(&[IPV6, "172.18.0.0/16"], &[("node", "172.18.0.2/16")]);
    bed.kube.apply(&fake_kube::objects::node("six").address("fc00:f853:ccd:e793::2"));
    let pools = pools(&bed, "ipv6");
    assert_eq!(pools[0], "`argo`: fc00:f853:ccd:e793:ffff:ffff:ffff:ff14/128");
    assert!(pools.iter().all(|pool| !pool.contains("172.18.")), "{pools:?}");
}

#[test]
fn a_network_that_is_full_is_told_with_who_has_it() {
    let members: Vec<(String, String)> =
        (1..=14).map(|host| (format!("them-{host}"), format!("172.18.0.{host}/28"))).collect();
    let members: Vec<(&str, &str)> =
        members.iter().map(|(name, address)| (name.as_str(), address.as_str())).collect();
    let bed = Bed::in_network(&["172.18.0.0/28"], &members);
    let ran = bed.metallb("apply").run().exits(3).stdout("");
    ran.stderr(
        "error: Docker's network `kind` has no room for the pools\n\
         cause: needed is an address each for `argo`, `orchestrator`, `boots` of IPv4; `172.18.0.0/28` has 0 left: [..]\n\
         help: free addresses of it[..]\n",
    );
    assert_eq!(bed.asked(), "", "Helm was run");
    assert!(bed.kube.requests().iter().all(|request| request.verb.is_read()));
}
