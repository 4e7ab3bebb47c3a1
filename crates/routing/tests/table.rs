//! The table against a reading of its rules that takes no short cuts.
#![allow(clippy::unwrap_used, reason = "tests panic")]

use proptest::prelude::*;
use routing::{Backend, EntryPoint, HostName, HostPattern, Route, RoutingTable, TableError};

/// Whether `pattern`, as it is written, takes `name`.
fn takes(pattern: &str, name: Option<&str>) -> bool {
    let Some(name) = name else { return pattern == "*" };
    let mut labels = name.split('.');
    match pattern.split('.').collect::<Vec<_>>()[..] {
        ["*"] => true,
        ["*", ref parent @ ..] => labels.next().is_some() && labels.eq(parent.iter().copied()),
        ref exact => labels.eq(exact.iter().copied()),
    }
}

/// The first of the matching routes by priority, found by looking at all.
fn naive<'a>(routes: &'a [Route], point: EntryPoint, name: Option<&str>) -> Option<&'a str> {
    let mut sorted: Vec<&Route> = routes.iter().collect();
    sorted.sort_by_key(|route| std::cmp::Reverse(route.priority));
    let takes_it = |route: &&Route| {
        route.entry_point == point && route.hosts.iter().any(|host| takes(&host.to_string(), name))
    };
    sorted.into_iter().find(takes_it).map(|route| route.name.as_str())
}

fn any_name() -> impl Strategy<Value = String> {
    // Few labels, so that names and patterns meet.
    "([abc]\\.){0,3}(x|y)"
}

fn any_host() -> impl Strategy<Value = HostPattern> {
    let text = prop_oneof![1 => Just("*".to_owned()), 3 => any_name(), 2 => any_name().prop_map(|it| format!("*.{it}"))];
    text.prop_map(|text| HostPattern::parse(&text).unwrap())
}

prop_compose! {
    fn any_route()(
        entry_point in prop::sample::select(&EntryPoint::ALL[..]),
        hosts in prop::collection::hash_set(any_host(), 1..6),
        priority in 1..8_u32,
        port in prop::option::of(1..=u16::MAX),
    ) -> Route {
        let any = hosts.contains(&HostPattern::Any);
        let hosts = if any { vec![HostPattern::Any] } else { hosts.into_iter().collect() };
        let backend = port.map(|port| Backend::new(([10, 0, 0, 1], port).into()).unwrap());
        Route { name: String::new(), entry_point, hosts, priority, backend }
    }
}

fn any_routes() -> impl Strategy<Value = Vec<Route>> {
    prop::collection::vec(any_route(), 1..7).prop_map(|mut routes| {
        for (position, route) in routes.iter_mut().enumerate() {
            route.name = format!("route-{position}");
        }
        routes
    })
}

/// Names enough to tell any two patterns of `any_host` apart, or to show that they overlap.
fn witnesses(routes: &[Route]) -> Vec<String> {
    let hosts = routes.iter().flat_map(|route| &route.hosts).map(ToString::to_string);
    hosts.map(|host| host.replace('*', "witness")).chain(["other".to_owned()]).collect()
}

proptest! {
    #[test]
    fn look_up_and_naive_search_agree(routes in any_routes(), names in prop::collection::vec(any_name(), 20)) {
        // Two routes may clash; those that make a table are what this is about.
        let Ok(table) = RoutingTable::new(routes.clone()) else { return Ok(()) };
        for point in EntryPoint::ALL {
            let found = |name: Option<&HostName>| table.find(point, name).map(|route| route.name.as_str());
            prop_assert_eq!(found(None), naive(&routes, point, None));
            for name in names.iter().chain(&witnesses(&routes)) {
                let host = HostName::parse(name).unwrap();
                prop_assert_eq!(found(Some(&host)), naive(&routes, point, Some(name)), "{} on {}", name, point);
            }
        }
    }

    #[test]
    fn a_table_is_refused_exactly_when_a_name_has_two_routes(routes in any_routes()) {
        let names = witnesses(&routes);
        let clash = routes.iter().enumerate().any(|(position, one)| {
            let rivals = routes[position + 1..].iter();
            rivals.filter(|it| (it.entry_point, it.priority) == (one.entry_point, one.priority)).any(|other| {
                let both = |name: &String| {
                    let by = |route: &Route| route.hosts.iter().any(|host| takes(&host.to_string(), Some(name)));
                    by(one) && by(other)
                };
                names.iter().any(both)
            })
        });
        match RoutingTable::new(routes) {
            Ok(_) => prop_assert!(!clash),
            Err(error) => prop_assert!(clash && matches!(error, TableError::Ambiguous { .. }), "{}", error),
        }
    }

    #[test]
    fn names_compare_without_case_and_final_dot(name in any_name(), upper in prop::collection::vec(any::<bool>(), 8)) {
        let mixed: String = name
            .chars()
            .zip(upper.into_iter().cycle())
            .map(|(letter, upper)| if upper { letter.to_ascii_uppercase() } else { letter })
            .collect();
        let normal = HostName::parse(&name).unwrap();
        prop_assert_eq!(normal.as_str(), name.as_str());
        prop_assert_eq!(&HostName::parse(&mixed).unwrap(), &normal);
        prop_assert_eq!(&HostName::parse(&format!("{mixed}.")).unwrap(), &normal);
        let two_dots = format!("{mixed}..");
        prop_assert!(HostName::parse(&two_dots).is_err());
    }

    #[test]
    fn whatever_is_read_as_a_name_is_one(text in "\\PC{0,12}|[a-z0-9.*-]{0,70}") {
        let Ok(name) = HostName::parse(&text) else { return Ok(()) };
        let labels = name.as_str().split('.');
        let safe = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
        prop_assert!(labels.clone().all(|label| (1..=63).contains(&label.len()) && label.bytes().all(safe)));
        prop_assert!(name.as_str().parse::<std::net::IpAddr>().is_err());
        prop_assert_eq!(HostName::parse(name.as_str()).unwrap(), name);
    }

    #[test]
    fn json_holds_the_whole_table(routes in any_routes()) {
        let Ok(table) = RoutingTable::new(routes) else { return Ok(()) };
        let json = serde_json::to_string(&table).unwrap();
        prop_assert_eq!(serde_json::from_str::<RoutingTable>(&json).unwrap(), table);
    }
}
