//! What the rendered files say, and that Traefik's rules and the table agree.

use std::collections::BTreeSet;
use std::path::Path;

use proptest::prelude::*;
use routing::{Backend, HostName, HostPattern};
use serde_yaml_ng::Value as Yaml;

use super::*;
use crate::profile::Engine;

pub(super) fn profile(overrides: &[&str]) -> Profile {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let overrides: Vec<String> = overrides.iter().map(|&it| it.to_owned()).collect();
    Profile::load(root, "coder", &overrides).unwrap()
}

fn traefik(profile: &Profile) -> &TraefikProfile {
    match &profile.router.as_ref().unwrap().engine {
        Engine::Traefik(traefik) => traefik,
        Engine::Embedded => panic!("coder runs traefik"),
    }
}

/// `SNAPSHOTS=overwrite` brings the file up to date.
#[track_caller]
pub(super) fn as_recorded(text: String, file: snapbox::Data) {
    snapbox::Assert::new().action_env("SNAPSHOTS").eq(text, file.raw());
}

pub(super) fn listeners(ip: &str) -> Listeners {
    let address = |port| SocketAddr::new(ip.parse().unwrap(), port);
    [(EntryPoint::Https, address(443)), (EntryPoint::Raw, address(4433))].into()
}

pub(super) fn yaml(text: &str) -> Yaml {
    serde_yaml_ng::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Where a connection ends.
#[derive(Debug, PartialEq)]
enum End {
    NoRoute,
    NoServer,
    Server(String),
}

/// Where Traefik would send a connection by the rendered file.
fn evaluate(file: &Yaml, point: EntryPoint, sni: Option<&str>) -> End {
    let tcp = &file["tcp"];
    // The one that closes plain text takes no TLS.
    let named = tcp["routers"].as_mapping().unwrap().iter().filter(|(name, _)| *name != PLAIN_TEXT);
    let routers = named.map(|(_, router)| router);
    let listening = routers.filter(|router| router["entryPoints"][0].as_str() == Some(point.as_str()));
    let matching = listening.filter(|router| {
        assert_eq!(router["tls"]["passthrough"].as_bool(), Some(true));
        router["rule"].as_str().unwrap().split(" || ").any(|term| {
            let host = term.strip_prefix("HostSNI(`").and_then(|rest| rest.strip_suffix("`)")).unwrap();
            match (host, host.strip_prefix("*."), sni) {
                ("*", ..) => true,
                (_, Some(parent), Some(sni)) => sni.split_once('.').is_some_and(|(_, rest)| rest == parent),
                (host, _, sni) => Some(host) == sni,
            }
        })
    });
    let Some(router) = matching.max_by_key(|router| router["priority"].as_u64().unwrap()) else {
        return End::NoRoute;
    };
    let service = &tcp["services"][router["service"].as_str().unwrap()]["loadBalancer"];
    match service["servers"].as_sequence().unwrap().first() {
        Some(server) => End::Server(server["address"].as_str().unwrap().to_owned()),
        None => End::NoServer,
    }
}

fn agree(table: &RoutingTable, file: &Yaml, point: EntryPoint, sni: Option<&str>) {
    let name = sni.map(|sni| HostName::parse(sni).unwrap());
    let expected = match table.find(point, name.as_ref()).map(|route| route.backend) {
        Some(Some(backend)) => End::Server(backend.to_string()),
        Some(None) => End::NoServer,
        None => End::NoRoute,
    };
    assert_eq!(evaluate(file, point, sni), expected, "{point} {sni:?}");
}

/// Every host of the table, near misses, an unknown name and none, on both entry points.
fn agree_everywhere(table: &RoutingTable) {
    let file = yaml(&traefik_dynamic(table, None).unwrap());
    let mut names = BTreeSet::from(["unknown.example".to_owned()]);
    for host in table.routes().iter().flat_map(|route| &route.hosts) {
        let (HostPattern::Exact(name) | HostPattern::Wildcard(name)) = host else { continue };
        names.extend([name.to_string(), format!("x.{name}"), format!("y.x.{name}"), format!("x{name}")]);
        names.extend(name.as_str().split_once('.').map(|(_, parent)| parent.to_owned()));
    }
    for point in EntryPoint::ALL {
        for name in &names {
            agree(table, &file, point, Some(name));
        }
        agree(table, &file, point, None);
    }
}

fn any_host() -> impl Strategy<Value = HostPattern> {
    // Few names, so that hosts meet, nest and shadow each other.
    prop_oneof![
        1 => Just("*".to_owned()),
        6 => "(\\*\\.)?([abc]\\.){0,2}(x|example)".prop_map(String::from),
    ]
    .prop_map(|text| HostPattern::parse(&text).unwrap())
}

prop_compose! {
    fn any_route()(
        entry_point in prop::sample::select(&EntryPoint::ALL[..]),
        hosts in prop::collection::hash_set(any_host(), 1..5),
        priority in 1..1000_u32,
        backend in prop::option::of(1..=u16::MAX),
    ) -> Route {
        let hosts = if hosts.contains(&HostPattern::Any) { vec![HostPattern::Any] } else { hosts.into_iter().collect() };
        let backend = backend.map(|port| Backend::new(SocketAddr::from(([10, 0, 0, 1], port))).unwrap());
        Route { name: String::new(), entry_point, hosts, priority, backend }
    }
}

pub fn any_table() -> impl Strategy<Value = RoutingTable> {
    prop::collection::vec(any_route(), 1..8).prop_filter_map("ambiguous", |mut routes| {
        for (position, route) in routes.iter_mut().enumerate() {
            route.name = format!("route-{position}");
        }
        RoutingTable::new(routes).ok()
    })
}

proptest! {
    #[test]
    fn traefik_and_the_table_agree(table in any_table()) {
        agree_everywhere(&table);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_gets_through_that_a_template_would_take(
        text in "[a-z.]{0,3}(\\{\\{|\\}\\}|\"|'|`|\n|\r|\\\\|\\$|#|: | )[a-z.]{0,3}"
    ) {
        prop_assert!(HostPattern::parse(&text).is_err());
        prop_assert!(HostName::parse(&text).is_err());
        let route = Route {
            name: text.clone(),
            entry_point: EntryPoint::Https,
            hosts: vec![HostPattern::Any],
            priority: 1,
            backend: None,
        };
        prop_assert!(RoutingTable::new(vec![route]).is_err());
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let router = ["name", "domain", "router.image", "router.network", "router.bind", "route.argo.name"];
        let body = ["sandbox.plugins.rewrite_body.module", "sandbox.plugins.rewrite_body.version"];
        for key in router.into_iter().chain(body).chain(["sandbox.route", "sandbox.plugins.sources"]) {
            // A TOML string, so that nothing of the text is lost on the way.
            let set = format!("{key}={}", serde_json::to_string(&text).unwrap());
            prop_assert!(Profile::load(root, "coder", std::slice::from_ref(&set)).is_err(), "{}", set);
        }
    }
}

#[test]
fn the_profiles_agree_with_traefik() {
    let profile = profile(&[]);
    let backends =
        ["argo=172.18.255.20", "orchestrator=172.18.255.30", "edge=172.18.255.30"].map(str::to_owned);
    let backends = profile.backends(&backends).unwrap();
    let table = profile.table(profile.listed_hosts(), &backends).unwrap();
    agree_everywhere(&table);
}

#[test]
fn a_route_without_a_backend_is_closed_and_named() {
    let profile = profile(&[]);
    let backends = profile.backends(&["boots=172.18.255.40".to_owned()]).unwrap();
    let table = profile.table(profile.listed_hosts(), &backends).unwrap();
    let text = traefik_dynamic(&table, None).unwrap();
    assert!(text.contains("# Without a backend so far: argo, gitea, orchestrator, edge.\n"), "{text}");
    let file = yaml(&text);
    assert_eq!(evaluate(&file, EntryPoint::Https, Some("argo.kind.internal")), End::NoServer);
    let boots = End::Server("172.18.255.40:443".to_owned());
    assert_eq!(evaluate(&file, EntryPoint::Https, Some("other.host")), boots);
    assert!(!text.contains("0.0.0.0"));
}

#[test]
fn rendered_files_are_as_recorded() {
    let profile = profile(&["route.orchestrator.hosts=[\"@\", \"fake.host\"]"]);
    let backends = ["argo=172.18.255.20", "boots=172.18.255.40"].map(str::to_owned);
    let backends = profile.backends(&backends).unwrap();
    let table = profile.table(&[], &backends).unwrap();
    let (traefik, listeners) = (traefik(&profile), listeners("10.0.0.7"));
    as_recorded(traefik_dynamic(&table, None).unwrap(), snapbox::file!["recorded/routes.yml"]);
    as_recorded(traefik_static(traefik, &listeners, None).unwrap(), snapbox::file!["recorded/traefik.yml"]);
    let compose = compose(&profile, traefik, &listeners, 0x2a, None, 7).unwrap();
    as_recorded(compose, snapbox::file!["recorded/docker-compose.yml"]);
}

#[test]
fn the_bridge_publishes_on_the_bind_address() {
    let profile = profile(&["router.network=bridge"]);
    let (traefik, listeners) = (traefik(&profile), listeners("::1"));
    let compose = compose(&profile, traefik, &listeners, 0x2a, None, 7).unwrap();
    as_recorded(compose, snapbox::file!["recorded/docker-compose-bridge.yml"]);
    let file = yaml(&traefik_static(traefik, &listeners, None).unwrap());
    assert_eq!(file["entryPoints"]["https"]["address"].as_str(), Some(":443"));
    assert_eq!(file["entryPoints"]["traefik"]["address"].as_str(), Some("127.0.0.1:8099"));
}
