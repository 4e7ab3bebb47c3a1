//! What `router render --write` writes, in force in a real Traefik.
//!
//! `XTASK_TEST_TRAEFIK` names its binary and `XTASK_TEST_GO` that of Go, which
//! fetches plug-ins; `cargo xtask test` provides both.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests panic")]

#[path = "../support/mod.rs"]
mod support;

mod plugins;
mod sandbox;
mod stand_in;
mod traefik;
mod web;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::time::Duration;

use serde_json::Value;
use stand_in::StandIn;
use support::Checkout;
use traefik::Traefik;

const ROUTES: [&str; 5] = ["argo", "gitea", "orchestrator", "boots", "edge"];
/// Longer than Traefik waits by default after a half-close.
const LATE: Duration = Duration::from_millis(400);

/// A stand-in for each route's service, but for the routes in `absent`.
fn stand_ins(checkout: &Checkout, absent: &[&str], delay: Duration) -> BTreeMap<&'static str, StandIn> {
    let routes = ROUTES.into_iter().filter(|route| !absent.contains(route));
    let names = hosts(checkout).into_iter().map(|(host, _)| host);
    let names: Vec<String> = names.chain(["unknown.example".into(), "127.0.0.1".into()]).collect();
    let authority = stand_in::Authority::new(names);
    routes.map(|route| (route, StandIn::start(route, &authority, delay))).collect()
}

/// Each exact name that the routes take, with the route's name.
fn hosts(checkout: &Checkout) -> Vec<(String, String)> {
    let answer =
        checkout.xtask(["gen", "sni", "--profile", "coder", "--format", "json"]).run().exits(0).json();
    let hosts = answer["hosts"].as_array().unwrap().iter();
    let pair = |host: &Value| ["host", "route"].map(|key| host[key].as_str().unwrap().to_owned()).into();
    hosts.map(pair).filter(|(host, _)| host != "*").collect()
}

#[test]
#[ignore = "needs traefik; run by cargo xtask test"]
fn every_router_is_active_as_meant() {
    let checkout = Checkout::new();
    let stand_ins = stand_ins(&checkout, &["gitea"], Duration::ZERO);
    let traefik = Traefik::start(&checkout, &stand_ins);
    let routers = traefik.api("/api/tcp/routers");
    let mut seen: Vec<_> = routers.as_array().unwrap().iter().map(describe).collect();
    seen.sort();
    let hosts = hosts(&checkout);
    let rule = |route: &str| {
        let own = hosts.iter().filter(|(_, of)| of == route).map(|(host, _)| format!("HostSNI(`{host}`)"));
        own.collect::<Vec<_>>().join(" || ")
    };
    let any = "HostSNI(`*`)".to_owned();
    let expected = [
        ("argo@file", "https", 20, rule("argo")),
        ("boots@file", "https", 5, any.clone()),
        ("edge@file", "raw", 10, any.clone()),
        ("gitea@file", "https", 20, rule("gitea")),
        ("orchestrator@file", "https", 9, rule("orchestrator")),
        ("plain-text@file", "https", 1, any),
    ];
    assert_eq!(
        seen,
        expected.map(|(name, point, priority, rule)| format!("{name} {point} {priority} {rule}"))
    );
    assert_eq!(hosts.len(), 39);

    let services = traefik.api("/api/tcp/services");
    let servers = services.as_array().unwrap().iter().map(|service| &service["loadBalancer"]);
    let (with, without): (Vec<_>, Vec<_>) = servers.partition(|balancer| balancer["servers"].is_array());
    // The one of a route without a backend, and the one that closes plain text.
    assert_eq!((with.len(), without.len()), (4, 2));
    assert!(with.iter().all(|balancer| balancer["serversTransport"] == "patient@file"), "{services:#}");
}

fn describe(router: &Value) -> String {
    assert_eq!(router["status"], "enabled");
    let passes_tls = router["tls"]["passthrough"] == true;
    assert!(passes_tls != (router["name"] == "plain-text@file" && router["tls"].is_null()), "{router:#}");
    let text = |key: &str| router[key].as_str().unwrap().to_owned();
    let point = router["entryPoints"][0].as_str().unwrap();
    format!("{} {point} {} {}", text("name"), router["priority"], text("rule"))
}

#[test]
#[ignore = "needs traefik; run by cargo xtask test"]
fn every_name_reaches_its_service() {
    let checkout = Checkout::new();
    let stand_ins = stand_ins(&checkout, &[], Duration::ZERO);
    let traefik = Traefik::start(&checkout, &stand_ins);
    let client = stand_ins["argo"].client();
    let hosts = hosts(&checkout);
    for (host, route) in &hosts {
        assert_eq!(client.ask(traefik.https, Some(host)).unwrap(), *route, "{host}");
        assert_eq!(client.ask(traefik.raw, Some(host)).unwrap(), "edge", "{host} on the raw port");
    }
    for sni in [Some("unknown.example"), None] {
        assert_eq!(client.ask(traefik.https, sni).unwrap(), "boots", "{sni:?}");
        assert_eq!(client.ask(traefik.raw, sni).unwrap(), "edge", "{sni:?} on the raw port");
    }
}

#[test]
#[ignore = "needs traefik; run by cargo xtask test"]
fn a_route_without_a_backend_is_closed_until_it_gets_one() {
    let checkout = Checkout::new();
    let mut stand_ins = stand_ins(&checkout, &[], Duration::ZERO);
    let gitea = stand_ins.remove("gitea").unwrap();
    let traefik = Traefik::start(&checkout, &stand_ins);
    let client = gitea.client();
    let ask = || client.ask(traefik.https, Some("gitea.kind.internal"));
    // Not the catch-all answers, but nobody.
    let kind = ask().unwrap_err().kind();
    assert!(matches!(kind, ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset), "{kind}");
    assert_eq!(client.ask(traefik.https, Some("argo.kind.internal")).unwrap(), "argo");

    let open = client.shake_hands(traefik.https, Some("argo.kind.internal")).unwrap();
    stand_ins.insert("gitea", gitea);
    traefik.render(&checkout, &stand_ins);
    traefik.wait_for("the new backend", || ask().is_ok_and(|answer| answer == "gitea"));
    assert_eq!(open.finish().unwrap(), "argo", "a change of routes keeps what is open");
}

#[test]
#[ignore = "needs traefik; run by cargo xtask test"]
fn a_late_answer_arrives_after_the_half_close() {
    let checkout = Checkout::new();
    let stand_ins = stand_ins(&checkout, &[], LATE);
    let traefik = Traefik::start(&checkout, &stand_ins);
    let client = stand_ins["argo"].client();
    assert_eq!(client.ask(traefik.https, Some("argo.kind.internal")).unwrap(), "argo");
    assert_eq!(client.ask(traefik.raw, None).unwrap(), "edge");
}
