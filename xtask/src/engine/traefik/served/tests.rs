//! What is rendered is read back as it was, from the file and from the API.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::render::tests::any_table;
use crate::render::traefik_dynamic;

fn names(table: &RoutingTable) -> Vec<String> {
    table.routes().iter().map(|route| route.name.clone()).collect()
}

/// What the API tells of a table that is in force.
fn raw_data(table: &RoutingTable) -> Value {
    let mut file: Value = serde_yaml_ng::from_str(&traefik_dynamic(table, None).unwrap()).unwrap();
    let mut named = |key: &str| -> Value {
        let entries = file["tcp"][key].as_object_mut().unwrap();
        let told = |(name, entry): (&String, &mut Value)| {
            entry["status"] = "enabled".into();
            (format!("{name}@file"), entry.take())
        };
        Value::Object(entries.iter_mut().map(told).collect())
    };
    let (routers, services) = (named("routers"), named("services"));
    json!({ "routers": { "api@file": {} }, "tcpRouters": routers, "tcpServices": services })
}

fn served(answer: &Value) -> Served {
    Served::from_api(answer.to_string().as_bytes()).unwrap()
}

/// Two routes, the second without a backend.
fn small() -> RoutingTable {
    let route = |name: &str, host: &str, backend: Option<&str>| Route {
        name: name.to_owned(),
        entry_point: EntryPoint::Https,
        hosts: vec![HostPattern::parse(host).unwrap()],
        priority: 9,
        backend: backend.map(|backend| backend.parse().unwrap()),
    };
    RoutingTable::new(vec![route("one", "a.x", Some("10.0.0.1:443")), route("another", "*.b.x", None)])
        .unwrap()
}

proptest! {
    #[test]
    fn a_table_comes_back_from_its_file(table in any_table()) {
        let served = Served::from_file(&traefik_dynamic(&table, None).unwrap()).unwrap();
        prop_assert_eq!(served.table(&names(&table)).unwrap(), Some(table.clone()));
        prop_assert_eq!(served.verdict(&table, &External::default()), Verdict::InForce);
    }

    #[test]
    fn a_table_comes_back_from_the_api(table in any_table()) {
        let served = served(&raw_data(&table));
        prop_assert_eq!(served.table(&names(&table)).unwrap(), Some(table.clone()));
        prop_assert_eq!(served.verdict(&table, &External::default()), Verdict::InForce);
    }

    #[test]
    fn another_table_is_not_in_force(table in any_table(), other in any_table()) {
        prop_assume!(!other.routes().iter().all(|route| table.routes().contains(route)));
        let told = served(&raw_data(&table)).verdict(&other, &External::default());
        prop_assert!(matches!(told, Verdict::NotYet(_)), "{:?}", told);
    }
}

#[test]
fn an_api_without_routes_serves_nothing() {
    let nothing = served(&json!({ "routers": {}, "services": {} }));
    assert_eq!(nothing.table(&names(&small())).unwrap(), None);
    assert_eq!(
        nothing.verdict(&small(), &External::default()),
        Verdict::NotYet("route `one` is not there".to_owned())
    );
}

#[test]
fn a_router_that_is_lost_is_told() {
    let mut answer = raw_data(&small());
    let lost = &mut answer["tcpRouters"]["another@file"];
    lost["status"] = "disabled".into();
    lost["error"] = json!(["unknown entry point", "no valid entry point"]);
    let served = served(&answer);
    let said = "Traefik does not serve route `another`: unknown entry point; no valid entry point";
    assert_eq!(served.verdict(&small(), &External::default()), Verdict::Refused(said.to_owned()));
    // It takes no connections, so it is not in the table.
    assert_eq!(names(&served.table(&names(&small())).unwrap().unwrap()), ["one"]);
    let routes = served.routes(&names(&small()));
    assert_eq!(routes.iter().map(|route| route.name.as_str()).collect::<Vec<_>>(), ["one", "another"]);
    assert_eq!((routes[0].backend.as_deref(), routes[0].hosts), (Some("10.0.0.1:443"), 1));
    assert_eq!(routes[1].status.as_deref(), Some("disabled"));
    assert_eq!(routes[1].errors.len(), 2);
}

#[test]
fn what_others_define_is_not_ours() {
    let mut answer = raw_data(&small());
    answer["tcpRouters"]["theirs@docker"] = answer["tcpRouters"]["one@file"].clone();
    assert_eq!(served(&answer).verdict(&small(), &External::default()), Verdict::InForce);
    // A file of theirs beside ours, that even says what ours never do.
    answer["tcpRouters"]["more@file"] = json!({ "rule": "ClientIP(`10.0.0.1`)", "service": "more" });
    let served = served(&answer);
    assert_eq!(served.verdict(&small(), &External::default()), Verdict::InForce);
    assert_eq!(served.table(&names(&small())).unwrap(), Some(small()));
}

#[test]
fn what_is_not_a_route_of_ours_is_an_error() {
    for (key, value) in [
        ("rule", json!("ClientIP(`10.0.0.1`)")),
        ("rule", json!("HostSNI(`a b`)")),
        ("tls", Value::Null),
        ("entryPoints", json!(["https", "raw"])),
        ("service", json!("nobody")),
    ] {
        let mut answer = raw_data(&small());
        answer["tcpRouters"]["one@file"][key] = value;
        let error = served(&answer).table(&names(&small())).unwrap_err();
        assert_eq!(error.to_string(), "router `one` is not one of ours", "{key}");
    }
    assert!(Served::from_api(b"<html>").is_err());
    assert!(Served::from_file("tcp: 1").is_err());
}
