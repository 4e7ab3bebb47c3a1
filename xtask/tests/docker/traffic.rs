//! Connections through the container.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::router::{Compose, Router};
use crate::wait;

const ARGO: Option<&str> = Some("argo.kind.internal");
/// Longer than Traefik waits by default after a half-close.
const LATE: Duration = Duration::from_millis(400);
/// How often the backend is changed under load.
const CHANGES: usize = 6;

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn a_change_of_backend_loses_no_connection() {
    let router = Router::new(Compose::V2);
    router.start(&[]).run().exits(0);
    let other = router.service("other");
    let client = router.client();
    let open = client.shake_hands(router.https, ARGO).unwrap();
    let done = AtomicBool::new(false);
    let answers = thread::scope(|scope| {
        let ask = || {
            let mut answers = Vec::new();
            while !done.load(Ordering::Relaxed) {
                answers.push(client.ask(router.https, ARGO).map_err(|error| error.to_string()));
            }
            answers
        };
        let clients = [scope.spawn(ask), scope.spawn(ask)];
        for change in 0..CHANGES {
            let others = [("argo", other.address)];
            let (expected, others) = if change % 2 == 0 { ("other", &others[..]) } else { ("argo", &[][..]) };
            let ran = router.start_with(others, &["--format", "json"]).run().exits(0);
            assert_eq!(ran.json()["change"], "reloaded");
            // In force when the call returns, and not some time later.
            assert_eq!(client.ask(router.https, ARGO).unwrap(), expected);
        }
        done.store(true, Ordering::Relaxed);
        clients.map(|client| client.join().unwrap()).concat()
    });
    let lost: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()).collect();
    assert!(lost.is_empty(), "{} of {} lost: {lost:?}", lost.len(), answers.len());
    for name in ["argo", "other"] {
        assert!(answers.iter().any(|answer| answer.as_deref() == Ok(name)), "nobody reached {name}");
    }
    assert_eq!(open.finish().unwrap(), "argo", "a change of routes keeps what is open");
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn a_late_answer_arrives_because_of_what_we_write() {
    let router = Router::with_services(Compose::V2, Ipv4Addr::LOCALHOST, LATE);
    router.start(&[]).run().exits(0);
    let client = router.client();
    assert_eq!(client.ask(router.https, ARGO).unwrap(), "argo");
    // As Traefik comes, it cuts the answer off.
    let path = router.file("dynamic/routes.yml");
    let without = router.checkout.read(&path).replace("        serversTransport: patient\n", "");
    router.checkout.write(&path, &without);
    wait::until("the answer to be lost", || {
        !client.ask(router.https, ARGO).is_ok_and(|answer| answer == "argo")
    });
    let ran = router.start(&[]).run().exits(0);
    assert!(ran.errors().contains("was edited by hand"), "{}", ran.errors());
    wait::until("the answer to arrive", || {
        client.ask(router.https, ARGO).is_ok_and(|answer| answer == "argo")
    });
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn a_stop_lets_open_connections_end() {
    let router = Router::new(Compose::V2);
    router.start(&[]).run().exits(0);
    let client = router.client();
    let open = client.shake_hands(router.https, ARGO).unwrap();
    let stop = router.call(&["router", "stop", "--drain", "1h"]).spawn();
    wait::until("the listener to close", || std::net::TcpStream::connect(router.https).is_err());
    assert_eq!(open.finish().unwrap(), "argo");
    assert!(stop.wait_with_output().unwrap().status.success());
    assert_eq!(router.containers(), [""; 0]);
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn a_stop_cuts_them_when_the_drain_is_over() {
    let router = Router::new(Compose::V2);
    router.start(&[]).run().exits(0);
    let open = router.client().shake_hands(router.https, ARGO).unwrap();
    router.call(&["router", "stop", "--drain", "1s"]).run().exits(0).stdout("the router has stopped\n");
    assert!(!open.finish().is_ok_and(|answer| answer == "argo"));
}
