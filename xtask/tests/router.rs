//! `router start|restart|status|logs` with the embedded engine.
#![allow(clippy::unwrap_used, reason = "tests panic")]

mod fixture;
mod support;

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;

use rustix::process::Signal;
use serde_json::{Value, json};

use fixture::connection::{Connection, Refusal, Service, is_closed};
use fixture::router::{event, events, router_before, router_to};
use fixture::{NO_PROCESS, Platform, files, processes, wait};

#[test]
fn start_when_running_reloads_or_says_that_nothing_changed() {
    let (one, other) = (Service::new(), Service::new());
    let (platform, raw) = router_before(&one);
    let pid = platform.pid("router");
    let mut open = one.reached_through(raw, "any.name");

    let (to_one, to_other) = (one.backend("edge"), other.backend("edge"));
    let listeners = format!("https {}, raw {raw}", platform.listener("https"));
    let absent = ["argo", "gitea", "orchestrator", "boots"]
        .map(|route| format!("route `{route}` is absent, so closed: no backend is known\n"));
    let silent = |service: &Service| {
        format!("route `edge` is active, but `{}` does not shake hands: no answer\n", service.address())
    };
    let told = |service: &Service| format!("0 of 5 routes answer\n{}{}", absent.concat(), silent(service));
    let again = format!("the router serves already: {listeners}\n{}", told(&one));
    platform.xtask(["router", "start", "--backend", &to_one]).run().exits(0).stdout(again).stderr("");
    let reloaded = format!("the router serves with its new table: {listeners}\n{}", told(&other));
    platform.xtask(["router", "start", "--backend", &to_other]).run().exits(0).stdout(reloaded).stderr("");

    other.reached_through(raw, "any.name").carries();
    open.carries();
    assert_eq!(platform.pid("router"), pid);
    assert_eq!(platform.json(["router", "status"])["counters"]["reloads"], 1);
    assert_eq!(event(&platform, "reloaded")["without_backend"], 4);
}

#[test]
fn many_reloads_disturb_no_connection() {
    let services = [Service::new(), Service::new()];
    let (platform, raw) = router_before(&services[0]);
    let mut open: Vec<Connection> = Vec::new();
    for round in 1..=10 {
        let service = &services[round % 2];
        let start = platform.json(["router", "start", "--backend", &service.backend("edge")]);
        assert_eq!(start["change"], "reloaded");
        open.push(service.reached_through(raw, "any.name"));
        open.iter_mut().for_each(Connection::carries);
    }
    let status = platform.json(["router", "status"]);
    assert_eq!(status["counters"]["reloads"], 10);
    assert_eq!(status["counters"]["active"], 10);
}

#[test]
fn a_killed_router_comes_back_on_its_ports() {
    let (platform, _) = Platform::up();
    let before = (platform.listener("https"), platform.listener("raw"));
    processes::kill(platform.pid("router"));
    platform.xtask(["router", "status"]).run().exits(0).stdout("the router is not running\n").stderr("");
    let in_part = "error: the platform is up in part only\nhelp: run `cargo xtask up` to mend it\n";
    platform.xtask(["status"]).run().exits(3).stderr(in_part);
    assert_eq!(platform.json(["up"])["check"]["wrong"], 0);
    assert_eq!((platform.listener("https"), platform.listener("raw")), before);
}

#[test]
fn clients_that_say_nothing_keep_nobody_from_an_answer() {
    let (platform, _) = router_before(&Service::new());
    let connect = || UnixStream::connect(platform.state("router.sock")).unwrap();
    let silent: Vec<UnixStream> = (0..8).map(|_| connect()).collect();
    assert_eq!(platform.json(["router", "status"])["running"], true);
    drop(silent);
}

#[test]
fn restart_keeps_ports_and_table() {
    let service = Service::new();
    let (platform, raw) = router_before(&service);
    let pid = platform.pid("router");
    let restart = platform.json(["router", "restart"]);
    assert_eq!(restart["listeners"]["raw"], json!(raw));
    assert_eq!(restart["change"], "started");
    assert_ne!(platform.pid("router"), pid);
    service.reached_through(raw, "any.name").carries();
}

#[test]
fn the_router_of_another_profile() {
    let platform = Platform::new();
    let kube = fake_kube::FakeKube::start();
    std::fs::write(platform.root().join("kubeconfig"), kube.kubeconfig()).unwrap();
    let service = Service::new();
    let ports = [Service::new(), Service::new()].map(|free| free.address().port());
    let [https, raw] = ports.map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    let ports = format!("router.ports={{ https = {}, raw = {} }}", ports[0], ports[1]);
    let backends = [service.backend("argo"), service.backend("edge")];
    let flags = fixture::EMBEDDED.into_iter().chain(["--set", &ports, "--kubeconfig", "kubeconfig"]);
    let start = ["router", "start", "--backend", &backends[0], "--backend", &backends[1]];
    let start = platform.json(start.into_iter().chain(flags));
    assert_eq!(start["absent"], json!(["gitea", "orchestrator", "boots"]));
    assert_eq!(start["listeners"], json!({ "https": https, "raw": raw }));

    service.reached_through(https, "argo.kind.internal").carries();
    service.reached_through(raw, "any.name").carries();
    for host in ["gitea.kind.internal", "vault.kind.internal", "any.name"] {
        let mut client = fixture::connection::hello_to(https, host);
        assert!(is_closed(&mut client), "{host}");
    }
    let status = platform.json(["router", "status"].into_iter().chain(fixture::EMBEDDED));
    let routes = status["counters"]["routes"].as_array().unwrap();
    let closed =
        routes.iter().map(|route| (route["name"].as_str().unwrap(), &route["failures"]["no_backend"]));
    // One of ours, and one of the start's own.
    let two = json!(2);
    let expected = [
        ("argo", &Value::Null),
        ("gitea", &two),
        ("orchestrator", &two),
        ("boots", &two),
        ("edge", &Value::Null),
    ];
    assert_eq!(closed.collect::<Vec<_>>(), expected);
    assert_eq!(platform.json(["router", "status"])["running"], false);
}

#[test]
fn logs_show_events() {
    let nobody = Refusal::new();
    let (platform, raw) = router_to(&nobody.backend("edge"));
    assert!(is_closed(&mut fixture::connection::hello_to(raw, "some.host")));
    // The first are the start's own handshakes.
    let ours = || events(&platform).into_iter().find(|event| event["sni"] == "some.host");
    wait::until("the event", || ours().is_some());
    let logs = platform.xtask(["router", "logs"]).run().exits(0).stderr("");
    let lines: Vec<_> = logs.text().lines().collect();
    assert!(lines[0].contains(" started pid="), "{lines:?}");
    let failed = ["failed", "reason=connect_refused", "route=edge", "sni=some.host"];
    assert!(failed.iter().all(|word| lines.last().unwrap().contains(word)), "{lines:?}");
    let last = platform.json(["router", "logs", "--lines", "1"]);
    assert_eq!(last["events"], json!([ours()]));
}

#[test]
fn an_interrupt_ends_following_the_log_quietly() {
    let nobody = Refusal::new();
    let (platform, raw) = router_to(&nobody.backend("edge"));
    let mut follow = platform.xtask(["router", "logs", "--follow"]).spawn();
    let mut lines = BufReader::new(follow.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.next().unwrap().contains(" started "));
    assert!(is_closed(&mut fixture::connection::hello_to(raw, "some.host")));
    assert!(lines.any(|line| line.contains(" sni=some.host")));
    processes::signal(follow.id(), Signal::INT);
    assert_eq!(lines.next(), None);
    let output = follow.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}

#[test]
fn logs_of_a_router_that_never_ran() {
    let platform = Platform::new();
    platform.xtask(["router", "logs"]).run().exits(3).stdout("").stderr(
        "error: there is no log `[ROOT]/.xtask/local/router.log`\n\
         help: the router has not run since `down`; start it with `cargo xtask router start`\n",
    );
    assert!(files::below(&platform.root().join(".xtask")).is_empty());
    assert_eq!(processes::daemons(platform.root()), NO_PROCESS);
}
