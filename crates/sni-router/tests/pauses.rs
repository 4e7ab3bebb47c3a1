//! Accepting pauses and goes on, and the log is told of it without being flooded.
#![expect(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod support;

use std::io::Read;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use routing::{EntryPoint, RoutingTable};
use sni_router::{Event, Listener, PauseCause, Router, Settings};
use socket2::SockRef;
use support::{Running, client_hello, echo, route, wait_until};

fn is_paused(event: &Event) -> bool {
    matches!(event, Event::AcceptPaused { cause: PauseCause::ConnectionLimit, .. })
}

fn is_resumed(event: &Event) -> bool {
    matches!(event, Event::AcceptResumed { .. })
}

fn count(events: &[Event], is: fn(&Event) -> bool) -> usize {
    events.iter().filter(|event| is(event)).count()
}

fn expect_echo(client: &mut TcpStream) {
    let hello = client_hello(Some("argo.kind.internal"));
    let mut echoed = vec![0; hello.len()];
    client.read_exact(&mut echoed).unwrap();
    assert_eq!(echoed, hello);
}

#[test]
fn at_the_limit_clients_wait_and_nobody_is_cut() {
    let settings = Settings { max_connections: 2, ..Settings::default() };
    let running = Running::start(vec![route("argo", Some(echo()))], settings);
    let mut clients: Vec<_> = (0..6).map(|_| running.client("argo.kind.internal")).collect();
    wait_until("accepting pauses", || running.events().iter().any(is_paused));
    assert_eq!(running.router.snapshot().active, 2);
    // In the order in which they came.
    for client in &mut clients {
        expect_echo(client);
        assert!(running.router.snapshot().active <= 2);
        client.shutdown(Shutdown::Both).unwrap();
    }
    wait_until("all are closed", || running.route("argo").active == 0);
    assert!(running.route("argo").failures.is_empty());
    wait_until("accepting goes on", || {
        let events = running.events();
        count(&events, is_paused) == count(&events, is_resumed)
    });
}

#[test]
fn a_flood_of_pauses_is_not_all_told_but_one_that_lasts_is() {
    const CLIENTS: usize = 300;
    let settings = Settings { workers: 1, max_connections: 1, ..Settings::default() };
    let running = Running::start(vec![route("argo", Some(echo()))], settings);
    let start = Instant::now();
    // Each but the last keeps the next one waiting.
    let mut clients: Vec<_> = (0..CLIENTS).map(|_| running.client("argo.kind.internal")).collect();
    let staying = clients.split_off(CLIENTS - 2);
    for mut client in clients {
        expect_echo(&mut client);
    }
    wait_until("the last pause is told", || {
        let events = running.events();
        count(&events, is_paused) == count(&events, is_resumed) + 1
    });
    let seconds = usize::try_from(start.elapsed().as_secs()).unwrap() + 2;
    let events = running.events();
    assert!(count(&events, is_paused) <= 10 * seconds, "{} in {seconds} s", count(&events, is_paused));
    let left_out =
        |event: &Event| if let Event::AcceptPaused { left_out, .. } = event { *left_out } else { 0 };
    let all = events.iter().map(left_out).sum::<u64>() + count(&events, is_paused) as u64;
    assert!(all > CLIENTS as u64 / 2, "{all} counted");
    drop(staying);
}

#[test]
#[cfg(target_os = "linux")]
fn a_listener_that_fails_is_told_and_can_be_stopped() {
    let socket = sni_router::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let same_socket = SockRef::from(&socket).try_clone().unwrap();
    let events = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&events);
    let sink = Arc::new(move |event| sink.lock().unwrap().push(event));
    let listener = Listener { entry_point: EntryPoint::Https, socket };
    let table = RoutingTable::new(vec![route("argo", Some(echo()))]).unwrap();
    let router = Router::start(vec![listener], table, Settings::default(), sink).unwrap();
    // Linux: a listener that is shut down listens no more.
    same_socket.shutdown(Shutdown::Both).unwrap();
    wait_until("the failure is told", || !events.lock().unwrap().is_empty());
    let Event::AcceptPaused { cause, detail, .. } = events.lock().unwrap()[0].clone() else {
        panic!("{events:?}")
    };
    assert_eq!(cause, PauseCause::AcceptFailed);
    assert!(detail.unwrap().contains("Invalid argument"));
    drop(router);
}
