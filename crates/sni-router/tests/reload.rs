//! Tables change while connections run.
#![expect(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use routing::{EntryPoint, RoutingTable};
use sni_router::{ApplyError, Event, Listener, Router, Settings, StartError};
use support::{Running, client_hello, echo, route, wait_until};

const RELOADS: u64 = 1000;

/// Takes the echo of a hello, and sends another.
fn exchange(client: &mut TcpStream) {
    let hello = client_hello(Some("argo.kind.internal"));
    let mut echoed = vec![0; hello.len()];
    client.read_exact(&mut echoed).unwrap();
    assert_eq!(echoed, hello);
    client.write_all(&hello).unwrap();
}

/// A table with a route more or less, so that positions change as well.
fn table_of(reload: u64, backend: SocketAddr) -> RoutingTable {
    let mut routes = vec![route("argo", Some(backend))];
    if reload.is_multiple_of(3) {
        routes.insert(0, route("extra", None));
    }
    RoutingTable::new(routes).unwrap()
}

#[test]
fn a_thousand_reloads_lose_no_connection() {
    let backends = [echo(), echo()];
    let running = Running::start(vec![route("argo", Some(backends[0]))], Settings::default());
    let mut lasting: Vec<_> = (0..50).map(|_| running.client("argo.kind.internal")).collect();
    lasting.iter_mut().for_each(exchange);
    let (done, short) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    exchange(&mut running.client("argo.kind.internal"));
                    short.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for (reload, &backend) in (1..=RELOADS).zip(backends.iter().rev().cycle()) {
            assert!(running.router.apply(table_of(reload, backend)).unwrap());
            wait_until("connections go on", || short.load(Ordering::Relaxed) >= reload / 2);
        }
        done.store(true, Ordering::Relaxed);
    });
    lasting.iter_mut().for_each(exchange);
    let counters = running.route("argo");
    assert_eq!(counters.accepted, 50 + short.into_inner());
    assert!(counters.failures.keys().all(|reason| *reason == sni_router::Reason::ClientReset));
    assert_eq!(running.router.snapshot().reloads, RELOADS);
    let reloaded = |event: &Event| matches!(event, Event::Reloaded { .. });
    assert_eq!(running.events().into_iter().filter(reloaded).count() as u64, RELOADS);
}

#[test]
fn the_same_table_changes_nothing() {
    let running = Running::start(vec![route("argo", None)], Settings::default());
    assert!(!running.router.apply(running.router.table()).unwrap());
    assert_eq!(running.router.snapshot().reloads, 0);
    assert!(running.events().is_empty());
}

#[test]
fn totals_keep_what_removed_routes_have_moved() {
    let running = Running::start(vec![route("argo", Some(echo()))], Settings::default());
    let mut client = running.client("argo.kind.internal");
    let mut echoed = vec![0; client_hello(Some("argo.kind.internal")).len()];
    client.read_exact(&mut echoed).unwrap();
    let moved = echoed.len() as u64;
    wait_until("it is counted", || running.route("argo").bytes_out == moved);
    running.router.apply(RoutingTable::new(vec![route("other", None)]).unwrap()).unwrap();
    let snapshot = running.router.snapshot();
    assert_eq!(snapshot.routes.len(), 1);
    assert_eq!(snapshot.totals.bytes_out, moved);
    // The name comes back with its counters, and its connection is still there.
    running.router.apply(RoutingTable::new(vec![route("argo", None)]).unwrap()).unwrap();
    assert_eq!((running.route("argo").accepted, running.route("argo").active), (1, 1));
    client.write_all(b"!").unwrap();
    client.read_exact(&mut [0]).unwrap();
}

#[test]
fn a_table_that_loops_is_refused() {
    let running = Running::start(vec![route("argo", None)], Settings::default());
    let looping = RoutingTable::new(vec![route("argo", Some(running.address))]).unwrap();
    let refused = running.router.apply(looping.clone()).unwrap_err();
    assert!(matches!(refused, ApplyError::Loop { route, .. } if route == "argo"));
    assert_eq!(running.router.snapshot().routes[0].backend, None);

    // A listener on every address is reached by each of them.
    let socket = sni_router::bind("0.0.0.0:0".parse().unwrap()).unwrap();
    let port = socket.local_addr().unwrap().port();
    let table = RoutingTable::new(vec![route("argo", Some(([127, 9, 9, 9], port).into()))]).unwrap();
    let listener = Listener { entry_point: EntryPoint::Https, socket };
    let started = Router::start(vec![listener], table, Settings::default(), std::sync::Arc::new(|_| {}));
    assert!(matches!(started, Err(StartError::Table(ApplyError::Loop { .. }))));
}

#[test]
fn a_backend_elsewhere_on_the_port_of_a_listener_is_no_loop() {
    let socket = sni_router::bind("0.0.0.0:0".parse().unwrap()).unwrap();
    let elsewhere = ([192, 0, 2, 1], socket.local_addr().unwrap().port()).into();
    let table = RoutingTable::new(vec![route("argo", Some(elsewhere))]).unwrap();
    let listener = Listener { entry_point: EntryPoint::Https, socket };
    Router::start(vec![listener], table, Settings::default(), std::sync::Arc::new(|_| {})).unwrap();
}

#[test]
fn a_snapshot_survives_json() {
    let running = Running::start(vec![route("argo", Some(echo()))], Settings::default());
    drop(running.connect());
    let reason = sni_router::Reason::HelloUnfinished;
    wait_until("a failure is counted", || running.failures(reason) == 1);
    let snapshot = running.router.snapshot();
    let json = serde_json::to_string(&snapshot).unwrap();
    assert!(json.contains("\"hello_unfinished\":1"), "{json}");
    assert_eq!(serde_json::from_str::<sni_router::Snapshot>(&json).unwrap(), snapshot);
}
