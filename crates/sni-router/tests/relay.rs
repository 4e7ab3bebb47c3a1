//! Bytes go both ways, all of them, and ends and resets with them.
#![expect(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod support;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc;
use std::thread;

use sni_router::Settings;
use support::{Running, backend, client_hello, echo, hello_len, route, skip_hello, wait_until};

/// Bytes that differ wherever one looks, the same for the same seed.
struct Pattern {
    state: u64,
    left: usize,
}

impl Pattern {
    fn new(seed: u64, length: usize) -> Self {
        Self { state: seed, left: length }
    }

    fn fill(&mut self, buffer: &mut [u8]) -> usize {
        let length = buffer.len().min(self.left);
        for byte in &mut buffer[..length] {
            self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *byte = self.state.to_be_bytes()[0];
        }
        self.left -= length;
        length
    }

    /// Writes all of it, in pieces of odd sizes.
    fn send(mut self, mut to: &TcpStream) {
        let mut buffer = vec![0; 77_777];
        while self.left > 0 {
            let length = self.fill(&mut buffer);
            to.write_all(&buffer[..length]).unwrap();
        }
    }

    /// Reads `piece` bytes at a time and compares them, up to the end.
    fn expect(mut self, mut from: &TcpStream, piece: usize) {
        let (mut got, mut expected) = (vec![0; piece], vec![0; piece]);
        loop {
            let length = from.read(&mut got).unwrap();
            let known = self.fill(&mut expected[..length]);
            assert_eq!(got[..length], expected[..known], "{} bytes before the end", self.left);
            if length == 0 {
                assert_eq!(self.left, 0, "bytes are missing");
                return;
            }
        }
    }
}

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

#[test]
fn a_backend_may_answer_long_after_the_client_has_ended() {
    let (ended, end_seen) = mpsc::channel();
    let (go_on, wait) = mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let address = backend(move |mut stream| {
        std::io::copy(&mut stream, &mut std::io::sink()).unwrap();
        ended.send(()).unwrap();
        wait.lock().unwrap().recv().unwrap();
        Pattern::new(1, 3_000_000).send(&stream);
    });
    let running = Running::start(vec![route("argo", Some(address))], Settings::default());
    let client = running.client("argo.kind.internal");
    client.shutdown(Shutdown::Write).unwrap();
    end_seen.recv().unwrap();
    assert_eq!(running.route("argo").active, 1);
    go_on.send(()).unwrap();
    Pattern::new(1, 3_000_000).expect(&client, 50_000);
}

#[test]
fn a_client_may_send_long_after_the_backend_has_ended() {
    let (done, all_read) = mpsc::channel();
    let address = backend(move |mut stream| {
        skip_hello(&mut stream);
        stream.shutdown(Shutdown::Write).unwrap();
        Pattern::new(2, 3_000_000).expect(&stream, 50_000);
        done.send(()).unwrap();
    });
    let running = Running::start(vec![route("argo", Some(address))], Settings::default());
    let mut client = running.client("argo.kind.internal");
    assert_eq!(client.read(&mut [0]).unwrap(), 0);
    Pattern::new(2, 3_000_000).send(&client);
    client.shutdown(Shutdown::Write).unwrap();
    all_read.recv().unwrap();
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
