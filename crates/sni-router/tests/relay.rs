//! Bytes go both ways, all of them, and are counted.
#![expect(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod support;

use std::io::{Read, Write};
use std::net::Shutdown;
use std::sync::mpsc;
use std::thread;

use sni_router::Settings;
use support::payload::{Pattern, hello_len, skip_hello};
use support::{Running, backend, client_hello, echo, route, wait_until};

#[test]
fn the_hello_and_all_after_it_reach_the_backend_verbatim() {
    let running = Running::start(vec![route("argo", Some(echo()))], Settings::default());
    let mut client = running.connect();
    let mut sent = client_hello(Some("Argo.kind.internal."));
    sent.extend(b"early data in the same segment");
    client.write_all(&sent).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).unwrap();
    assert_eq!(answer, sent);
    wait_until("the connection is counted as closed", || running.route("argo").active == 0);
    let counters = running.route("argo");
    let bytes = sent.len() as u64;
    assert_eq!((counters.accepted, counters.bytes_in, counters.bytes_out), (1, bytes, bytes));
    assert!(running.events().is_empty());
}

#[test]
fn a_hello_may_come_byte_by_byte() {
    let running = Running::start(vec![route("argo", Some(echo()))], Settings::default());
    let mut client = running.connect();
    let hello = client_hello(Some("argo.kind.internal"));
    let mut echoed = vec![0; hello.len()];
    for byte in &hello {
        client.write_all(&[*byte]).unwrap();
    }
    client.read_exact(&mut echoed).unwrap();
    assert_eq!(echoed, hello);
}

/// Much more than all socket buffers hold, both ways at the same time, one way
/// to a reader that takes little at a time.
fn transfer(settings: Settings) {
    const LENGTH: usize = 48 << 20;
    let (done, all_read) = mpsc::channel();
    let address = backend(move |mut stream| {
        skip_hello(&mut stream);
        thread::scope(|scope| {
            scope.spawn(|| {
                Pattern::new(3, LENGTH).send(&stream);
                stream.shutdown(Shutdown::Write).unwrap();
            });
            Pattern::new(4, LENGTH).expect(&stream, 100_000);
        });
        done.send(()).unwrap();
    });
    let running = Running::start(vec![route("argo", Some(address))], settings);
    let client = running.client("argo.kind.internal");
    thread::scope(|scope| {
        scope.spawn(|| {
            Pattern::new(4, LENGTH).send(&client);
            client.shutdown(Shutdown::Write).unwrap();
        });
        Pattern::new(3, LENGTH).expect(&client, 1_500);
    });
    all_read.recv().unwrap();
    wait_until("the connection is counted as closed", || running.route("argo").active == 0);
    let counters = running.route("argo");
    assert_eq!(counters.bytes_in, (LENGTH + hello_len()) as u64);
    assert_eq!(counters.bytes_out, LENGTH as u64);
    assert!(counters.failures.is_empty());
}

#[test]
fn large_transfers_arrive_whole_through_pipes() {
    transfer(Settings::default());
}

#[test]
fn large_transfers_arrive_whole_when_there_are_no_pipes() {
    transfer(Settings { pipes: 0, ..Settings::default() });
}

#[test]
fn counters_move_while_a_transfer_runs() {
    let address = backend(|mut stream| {
        skip_hello(&mut stream);
        stream.write_all(&[7; 100]).unwrap();
        // Open until the client goes.
        let _ = stream.read(&mut [0]);
    });
    let running = Running::start(vec![route("argo", Some(address))], Settings::default());
    let mut client = running.client("argo.kind.internal");
    client.read_exact(&mut [0; 100]).unwrap();
    wait_until("they are counted", || running.route("argo").bytes_out == 100);
    assert_eq!(running.route("argo").active, 1);
}
