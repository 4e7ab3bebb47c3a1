//! The end of one side reaches the other as what it was: an end, a reset, or
//! silence that lasted too long.

mod support;

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::sync::mpsc;

use sni_router::{Reason, Settings};
use socket2::SockRef;
use support::payload::{Pattern, hello_len, skip_hello};
use support::{Running, backend, echo, reset, route, wait_until};

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

#[test]
fn a_reset_by_the_client_reaches_the_backend() {
    let (seen, outcome) = mpsc::channel();
    let address = backend(move |mut stream| {
        skip_hello(&mut stream);
        stream.write_all(b"ready").unwrap();
        seen.send(stream.read(&mut [0]).map_err(|error| error.kind())).unwrap();
    });
    let running = Running::start(vec![route("argo", Some(address))], Settings::default());
    let mut client = running.client("argo.kind.internal");
    client.read_exact(&mut [0; 5]).unwrap();
    reset(client);
    assert_eq!(outcome.recv().unwrap(), Err(ErrorKind::ConnectionReset));
    wait_until("it is counted", || running.failures(Reason::ClientReset) == 1);
}

#[test]
fn half_an_answer_arrives_before_the_reset_that_ends_it() {
    let address = backend(|mut stream| {
        skip_hello(&mut stream);
        stream.write_all(b"half an ans").unwrap();
        // Until the client has it.
        stream.read_exact(&mut [0]).unwrap();
        reset(stream);
    });
    let running = Running::start(vec![route("argo", Some(address))], Settings::default());
    let mut client = running.client("argo.kind.internal");
    let mut half = [0; 11];
    client.read_exact(&mut half).unwrap();
    assert_eq!(&half, b"half an ans");
    client.write_all(b"!").unwrap();
    assert_eq!(client.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
    wait_until("it is counted", || running.failures(Reason::BackendReset) == 1);
    assert_eq!(running.route("argo").failures[&Reason::BackendReset], 1);
}

#[test]
fn a_backend_that_dies_during_an_upload_ends_the_connection() {
    let address = backend(|mut stream| {
        skip_hello(&mut stream);
        stream.read_exact(&mut [0; 1000]).unwrap();
        reset(stream);
    });
    let running = Running::start(vec![route("argo", Some(address))], Settings::default());
    let mut client = running.client("argo.kind.internal");
    let error = loop {
        if let Err(error) = client.write_all(&[0; 10_000]) {
            break error.kind();
        }
    };
    assert!(matches!(error, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{error}");
    wait_until("it is counted", || running.failures(Reason::BackendReset) == 1);
    assert_eq!(running.route("argo").active, 0);
}

#[test]
fn what_stalls_is_closed_and_what_idles_is_not() {
    let stall_limit = std::time::Duration::from_millis(50);
    let settings = Settings { stall_limit, ..Settings::default() };
    // Takes the hello and then neither reads nor writes nor ends.
    let (keep, kept) = mpsc::channel();
    let silent = backend(move |mut stream| {
        skip_hello(&mut stream);
        keep.send(stream).unwrap();
    });
    let running = Running::start(vec![route("argo", Some(silent)), route("idle", Some(echo()))], settings);
    let mut idle = running.client("idle.kind.internal");
    idle.read_exact(&mut vec![0; hello_len()]).unwrap();
    // Half-closed, one after another, while the idle connection waits.
    for stalled in 1..=3 {
        let mut client = running.client("argo.kind.internal");
        client.shutdown(Shutdown::Write).unwrap();
        assert_eq!(client.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
        wait_until("it is counted", || running.failures(Reason::Stalled) == stalled);
    }
    // Blocked: nobody reads what is sent.
    let mut client = running.client("argo.kind.internal");
    SockRef::from(&client).set_send_buffer_size(1 << 16).unwrap();
    while client.write(&[0; 10_000]).is_ok() {}
    wait_until("it is counted", || running.failures(Reason::Stalled) == 4);
    assert_eq!(running.route("argo").active, 0);
    idle.write_all(b"still here").unwrap();
    idle.read_exact(&mut [0; 10]).unwrap();
    drop(kept);
}
