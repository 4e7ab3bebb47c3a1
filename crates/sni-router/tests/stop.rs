//! Draining, dropping, and the port afterwards.
#![expect(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod support;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use sni_router::{Drained, Settings};
use support::{PATIENCE, Running, backend, client_hello, echo, route, wait_until};

/// A client whose connection is known to be relayed.
fn relayed(running: &Running) -> TcpStream {
    let mut client = running.client("argo.kind.internal");
    let mut echoed = vec![0; client_hello(Some("argo.kind.internal")).len()];
    client.read_exact(&mut echoed).unwrap();
    client
}

fn refuses(address: std::net::SocketAddr) -> bool {
    TcpStream::connect(address).is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
}

#[test]
fn draining_lets_connections_end() {
    let running = Running::start(vec![route("argo", Some(echo()))], Settings::default());
    let address = running.address;
    let mut clients: Vec<_> = (0..20).map(|_| relayed(&running)).collect();
    let draining = thread::spawn(move || running.router.drain(Instant::now() + PATIENCE));
    wait_until("nothing is accepted any more", || refuses(address));
    for client in &mut clients {
        client.write_all(b"still here").unwrap();
        client.read_exact(&mut [0; 10]).unwrap();
    }
    drop(clients);
    assert_eq!(draining.join().unwrap(), Drained { cut: 0 });
}

#[test]
fn what_is_open_at_the_deadline_is_cut() {
    let running = Running::start(vec![route("argo", Some(echo()))], Settings::default());
    let mut clients: Vec<_> = (0..20).map(|_| relayed(&running)).collect();
    let drained = running.router.drain(Instant::now() + Duration::from_millis(50));
    assert_eq!(drained, Drained { cut: 20 });
    for client in &mut clients {
        assert_eq!(client.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    }
}

#[test]
fn half_an_answer_cut_at_the_deadline_looks_whole_to_nobody() {
    let (seen, outcome) = mpsc::channel();
    let address = backend(move |mut stream| {
        stream.read_exact(&mut vec![0; client_hello(Some("argo.kind.internal")).len()]).unwrap();
        stream.write_all(b"half an ans").unwrap();
        seen.send(stream.read(&mut [0]).map_err(|error| error.kind())).unwrap();
    });
    let running = Running::start(vec![route("argo", Some(address))], Settings::default());
    let mut client = running.client("argo.kind.internal");
    client.read_exact(&mut [0; 11]).unwrap();
    assert_eq!(running.router.drain(Instant::now()), Drained { cut: 1 });
    assert_eq!(client.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(outcome.recv().unwrap(), Err(ErrorKind::ConnectionReset));
}

#[test]
fn an_idle_router_drains_at_once() {
    let running = Running::start(vec![route("argo", None)], Settings::default());
    let deadline = Instant::now() + PATIENCE;
    assert_eq!(running.router.drain(deadline), Drained { cut: 0 });
    assert!(Instant::now() < deadline);
}

#[test]
fn a_dropped_router_closes_everything() {
    let running = Running::start(vec![route("argo", Some(echo()))], Settings::default());
    let address = running.address;
    let mut client = relayed(&running);
    drop(running);
    assert_eq!(client.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert!(refuses(address));
}

#[test]
fn a_port_belongs_to_one_router_at_a_time() {
    let ends_first = backend(|mut stream| {
        stream.read_exact(&mut vec![0; client_hello(Some("argo.kind.internal")).len()]).unwrap();
    });
    let running = Running::start(vec![route("argo", Some(ends_first))], Settings::default());
    let taken = sni_router::bind(running.address).unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::AddrInUse);
    // Closed by this side first, the connection leaves the port in TIME_WAIT.
    let mut client = running.client("argo.kind.internal");
    assert_eq!(client.read(&mut [0]).unwrap(), 0);
    drop(client);
    let address = running.address;
    assert_eq!(running.router.drain(Instant::now() + PATIENCE), Drained { cut: 0 });
    sni_router::bind(address).unwrap();
}
