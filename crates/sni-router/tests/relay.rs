//! Bytes go both ways, all of them, and ends and resets with them.

mod support;

use std::io::{Read, Write};
use std::net::Shutdown;

use sni_router::Settings;
use support::{Running, client_hello, echo, route, wait_until};

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
