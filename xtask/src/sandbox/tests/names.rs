//! Domains, and the names under them.

use std::collections::BTreeMap;

use proptest::prelude::*;
use routing::HostPattern;

use super::made::{DOMAIN, Files, profile};
use crate::failure::{Exit, exit_of};
use crate::sandbox::Sandbox;

fn sandbox() -> Sandbox {
    Files::new().check().unwrap()
}

/// The table with these hosts in the list.
fn table(hosts: &[&str]) -> routing::RoutingTable {
    let hosts: Vec<_> = hosts.iter().map(|host| HostPattern::parse(host).unwrap()).collect();
    profile("coder", &[]).table(&hosts, &BTreeMap::new()).unwrap()
}

#[test]
fn hosts_under_the_domain_get_a_name() {
    let table = table(&["kind.internal", "web-ui.kind.internal", "a.b.kind.internal", "mankind.internal"]);
    let hosts = sandbox().scheme().hosts(&table);
    let pairs: Vec<_> = hosts.iter().map(|host| (host.external.as_str(), host.internal.as_str())).collect();
    let expected = [
        ("lab.example.com", "kind.internal"),
        ("web-ui.lab.example.com", "web-ui.kind.internal"),
        ("a.b.lab.example.com", "a.b.kind.internal"),
    ];
    assert_eq!(pairs, expected);
}

#[test]
fn what_cannot_be_served_is_a_warning() {
    let sandbox = sandbox();
    assert!(sandbox.warnings(&table(&["kind.internal", "new.kind.internal", "other.host"])).is_empty());
    let long =
        format!("{}.kind.internal", [["x"; 60].concat().as_str(); 3].join(".") + "." + &["x"; 55].concat());
    let warnings = sandbox.warnings(&table(&["*.apps.kind.internal", "a.b.kind.internal", &long]));
    let expected = [
        "`*.apps.kind.internal` has no name under `lab.example.com`: a wildcard leads to no one name"
            .to_owned(),
        format!("`{long}` has no name under `lab.example.com`: it would be longer than 253 bytes"),
    ];
    assert_eq!(warnings[..2], expected);
    assert!(warnings[2].ends_with(
        "cert.pem` does not cover `a.b.lab.example.com`; it is for `lab.example.com`, `*.lab.example.com`"
    ));
    assert_eq!(warnings.len(), 3);
}

#[test]
fn domains_that_will_not_do() {
    let files = Files::new();
    for (domain, why) in [
        ("", "is not a domain: it is empty"),
        ("10.0.0.1", "is not a domain: it is an IP address, not a host name"),
        ("*.lab.example.com", "is not a domain: leave out the `*.`"),
        (
            "lab example.com",
            "is not a domain: it has a character other than letters, digits, `-`, `_` and `.`",
        ),
        (
            "kind.internal",
            "is the profile's own domain: TLS for its names would both end here and pass through",
        ),
        (
            "KIND.internal.",
            "is the profile's own domain: TLS for its names would both end here and pass through",
        ),
        (
            "lab.kind.internal",
            "lies under the profile's domain `kind.internal`: put into answers in its place, it would be replaced again",
        ),
        (
            "internal",
            "lies above the profile's domain `kind.internal`: internal names would be external ones too",
        ),
    ] {
        let error = files.check_for(domain, &profile("coder", &[])).unwrap_err();
        assert_eq!(exit_of(&error), Exit::Usage, "{domain}");
        assert_eq!(files.said(&error), [format!("`--external-domain {domain}` {why}")]);
    }
}

#[test]
fn names_of_other_routes_clash() {
    let files = Files::new();
    let profile = profile("coder", &["route.argo.hosts=[\"web-ui.lab.example.com\", \"*.vnc.example.com\"]"]);
    let error = files.check_for(DOMAIN, &profile).unwrap_err();
    assert_eq!(exit_of(&error), Exit::Usage);
    let expected =
        "`--external-domain lab.example.com` clashes: `web-ui.lab.example.com` is a host of route `argo`";
    assert_eq!(files.said(&error), [expected]);
    let told = files.said(&files.check_for("vnc.example.com", &profile).unwrap_err());
    assert_eq!(
        told.iter().filter(|line| line.contains("is a host of route `argo`")).count(),
        34,
        "{told:#?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// One name for one host, and back again.
    #[test]
    fn names_translate_both_ways(labels in prop::collection::hash_set("[a-z]([a-z0-9-]{0,8}[a-z0-9])?(\\.[a-z]{1,5})?", 1..20)) {
        let internal: Vec<String> = labels.iter().map(|label| format!("{label}.kind.internal")).collect();
        let hosts = sandbox().scheme().hosts(&table(&internal.iter().map(String::as_str).collect::<Vec<_>>()));
        let back = hosts.iter().map(|host| {
            assert_eq!(host.external.as_str(), host.internal.as_str().replace("kind.internal", DOMAIN));
            host.internal.to_string()
        });
        prop_assert_eq!(back.collect::<Vec<_>>(), internal);
    }
}
