//! Clients and backends that misbehave: each is closed and counted, and hurts
//! nobody else.
#![expect(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use routing::{EntryPoint, HostPattern, Route};
use sni_router::{Event, Reason, Settings};
use socket2::{Domain, Socket, Type};
use support::{Running, client_hello, echo, handshake, hello_body, record, route, server_name, wait_until};

/// Reads to the end; a reset is an end as well. Returns what came.
fn rest_of(mut client: TcpStream) -> Vec<u8> {
    let mut came = Vec::new();
    let _ = client.read_to_end(&mut came);
    came
}

fn send(running: &Running, bytes: &[u8]) -> TcpStream {
    let mut client = running.connect();
    client.write_all(bytes).unwrap();
    client
}

/// Proves that the route works.
fn ping(running: &Running, sni: &str) {
    let mut client = running.client(sni);
    let mut echoed = vec![0; client_hello(Some(sni)).len()];
    client.read_exact(&mut echoed).unwrap();
    assert_eq!(echoed, client_hello(Some(sni)));
}

/// An address where nothing listens.
fn dead() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// A listener whose backlog is full: further SYNs are dropped.
fn black_hole() -> (Socket, Vec<Socket>) {
    let new = || Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let listener = new();
    listener.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let fill = |_| {
        let client = new();
        client.set_nonblocking(true).unwrap();
        // It is in progress, for ever once the backlog is full.
        let _ = client.connect(&address);
        client
    };
    let clients = (0..8).map(fill).collect();
    (listener, clients)
}

#[test]
fn what_is_no_acceptable_hello_is_closed_without_an_answer() {
    let running = Running::start(vec![route("argo", Some(echo()))], Settings::default());
    let refused = |bytes: &[u8], reason: Reason| {
        let before = running.failures(reason);
        assert!(rest_of(send(&running, bytes)).is_empty(), "{reason:?}");
        wait_until("it is counted", || running.failures(reason) == before + 1);
    };
    let name = server_name("argo.kind.internal");
    let with = |extensions: &[u8]| record(&handshake(&hello_body(extensions)));
    refused(b"GET / HTTP/1.1\r\nHost: argo.kind.internal\r\n\r\n", Reason::NotTls);
    refused(&record(&[2, 0, 0, 0]), Reason::NotTls);
    refused(&with(&[0, 0, 0, 1]), Reason::Malformed);
    refused(&record(&[]), Reason::Malformed);
    refused(&with(&[name.clone(), name].concat()), Reason::DuplicateName);
    refused(&with(&server_name("")), Reason::BadName);
    refused(&with(&server_name("münchen.de")), Reason::BadName);
    refused(&record(&[1, 1, 0, 0]), Reason::HelloTooLong);
    refused(&client_hello(Some("unknown.kind.internal")), Reason::NoRoute);
    refused(&client_hello(None), Reason::NoRoute);
    let listener = &running.router.snapshot().listeners[0];
    assert_eq!((listener.accepted, listener.failures.values().sum()), (10, 10_u64));
    assert_eq!(running.route("argo").accepted, 0);
    ping(&running, "argo.kind.internal");
}

#[test]
fn without_a_name_the_catch_all_is_taken() {
    let any = Route { hosts: vec![HostPattern::Any], priority: 5, ..route("boots", Some(echo())) };
    let running = Running::start(vec![route("argo", None), any], Settings::default());
    for hello in [client_hello(None), client_hello(Some("10.0.0.1")), client_hello(Some("unknown.host"))] {
        let mut client = send(&running, &hello);
        let mut echoed = vec![0; hello.len()];
        client.read_exact(&mut echoed).unwrap();
        assert_eq!(echoed, hello);
    }
    assert_eq!(running.route("boots").accepted, 3);
}

#[test]
fn no_trickle_extends_the_deadline_of_the_hello() {
    let hello_timeout = Duration::from_millis(200);
    let settings = Settings { hello_timeout, ..Settings::default() };
    let running = Running::start(vec![route("argo", Some(echo()))], settings);
    let silent = running.connect();
    let mut trickling = running.connect();
    trickling.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    // At this pace the hello would take two seconds; it is never completed.
    let hello = client_hello(Some("argo.kind.internal"));
    let closed = hello[..hello.len() - 1]
        .iter()
        .any(|byte| trickling.write_all(&[*byte]).is_err() || matches!(trickling.read(&mut [0]), Ok(0)));
    assert!(closed);
    assert!(rest_of(silent).is_empty());
    wait_until("both are counted", || running.failures(Reason::HelloTimeout) == 2);
}

#[test]
fn a_client_that_goes_away_early_is_counted() {
    let running = Running::start(vec![route("argo", Some(echo()))], Settings::default());
    drop(running.connect());
    drop(send(&running, &client_hello(Some("argo.kind.internal"))[..20]));
    wait_until("both are counted", || running.failures(Reason::HelloUnfinished) == 2);
}

#[test]
fn dead_backends_fail_and_hurt_no_other_route() {
    let (hole, _clients) = black_hole();
    let hole = hole.local_addr().unwrap().as_socket().unwrap();
    let routes = vec![
        route("absent", None),
        route("dead", Some(dead())),
        route("hole", Some(hole)),
        route("argo", Some(echo())),
    ];
    let connect_timeout = Duration::from_millis(300);
    let running = Running::start(routes, Settings { connect_timeout, ..Settings::default() });
    let waiting: Vec<_> = (0..20).map(|_| running.client("hole.kind.internal")).collect();
    for _ in 0..10 {
        assert!(rest_of(running.client("absent.kind.internal")).is_empty());
        assert!(rest_of(running.client("dead.kind.internal")).is_empty());
        ping(&running, "argo.kind.internal");
    }
    assert!(waiting.into_iter().all(|client| rest_of(client).is_empty()));
    let failed = |name, reason, count| {
        wait_until(name, || running.route(name).failures.get(&reason) == Some(&count));
        assert_eq!((running.route(name).accepted, running.route(name).active), (count, 0));
    };
    failed("absent", Reason::NoBackend, 10);
    failed("dead", Reason::ConnectRefused, 10);
    failed("hole", Reason::ConnectTimeout, 20);
    assert!(running.route("argo").failures.is_empty());
}

#[test]
fn failures_are_told_with_all_that_is_known() {
    let address = dead();
    let running = Running::start(vec![route("dead", Some(address))], Settings::default());
    let client = running.client("dead.kind.internal");
    let client_address = client.local_addr().unwrap();
    rest_of(client);
    wait_until("there is an event", || !running.events().is_empty());
    let Event::Failed { entry_point, peer, sni, route, backend, reason, detail, left_out } =
        running.events().remove(0)
    else {
        panic!("{:?}", running.events())
    };
    assert_eq!((entry_point, peer), (EntryPoint::Https, client_address));
    assert_eq!(sni.unwrap().as_str(), "dead.kind.internal");
    assert_eq!(route.as_deref(), Some("dead"));
    assert_eq!(backend.unwrap().address(), address);
    assert_eq!((reason, left_out), (Reason::ConnectRefused, 0));
    assert!(detail.unwrap().contains("refused"));
}

#[test]
fn a_flood_of_failures_is_counted_but_not_all_told() {
    let running = Running::start(vec![route("argo", None)], Settings::default());
    for _ in 0..300 {
        send(&running, b"x");
    }
    wait_until("all are counted", || running.failures(Reason::NotTls) == 300);
    assert!(running.events().len() < 300);
}
