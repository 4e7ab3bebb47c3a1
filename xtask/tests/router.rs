//! `router start|stop|restart|status|logs` with the embedded engine.
#![allow(clippy::unwrap_used, reason = "tests panic")]

mod fixture;
mod support;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;

use rustix::process::Signal;
use serde_json::{Value, json};

use fixture::connection::{Connection, Refusal, Service, is_closed, is_refused};
use fixture::{NO_PROCESS, Platform, files, processes, wait};

/// A platform with a router alone that sends the route `edge`, which takes
/// every host of the raw port, to the service.
fn router_before(service: &Service) -> (Platform, SocketAddr) {
    router_to(&service.backend("edge"))
}

/// A router whose raw port leads to a backend.
fn router_to(backend: &str) -> (Platform, SocketAddr) {
    let platform = Platform::new();
    platform.json(["router", "start", "--backend", backend]);
    let raw = platform.listener("raw");
    (platform, raw)
}

/// The events in the router's log, which holds one JSON object a line.
#[track_caller]
fn events(platform: &Platform) -> Vec<Value> {
    let log = std::fs::read_to_string(platform.state("router.log")).unwrap();
    log.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[track_caller]
fn event(platform: &Platform, name: &str) -> Value {
    let events = events(platform);
    let found = events.iter().find(|event| event["event"] == name);
    found.unwrap_or_else(|| panic!("no event `{name}` in {events:#?}")).clone()
}

#[test]
fn start_when_running_reloads_or_says_that_nothing_changed() {
    let (one, other) = (Service::new(), Service::new());
    let (platform, raw) = router_before(&one);
    let pid = platform.pid("router");
    let mut open = one.reached_through(raw, "any.name");

    let (to_one, to_other) = (one.backend("edge"), other.backend("edge"));
    let listeners = format!("https {}, raw {raw}", platform.listener("https"));
    let absent = "without a backend, so closed: argo, gitea, orchestrator, boots";
    let again = format!("the router serves already: {listeners}\n{absent}\n");
    platform.xtask(["router", "start", "--backend", &to_one]).run().exits(0).stdout(again).stderr("");
    let reloaded = format!("the router serves with its new table: {listeners}\n{absent}\n");
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
fn sigterm_ends_the_router_cleanly() {
    let service = Service::new();
    let (platform, raw) = router_before(&service);
    let pid = platform.pid("router");
    processes::signal(pid, Signal::TERM);
    wait::until("the router to end", || processes::ended(pid));
    assert!(is_refused(raw));
    assert!(!platform.state("router.sock").exists());
    platform.xtask(["router", "status"]).run().exits(0).stdout("the router is not running\n");
    let names: Vec<_> = events(&platform).iter().map(|event| event["event"].clone()).collect();
    assert_eq!(names, ["started", "stopping", "draining", "drained"]);
}

#[test]
fn stop_lets_a_transfer_finish() {
    let service = Service::new();
    let (platform, raw) = router_before(&service);
    let mut open = service.reached_through(raw, "any.name");
    let stop = platform.xtask(["router", "stop", "--drain", "1h"]).spawn();
    wait::until("the router to stop listening", || is_refused(raw));
    open.carries();
    let pid = platform.pid("router");
    drop(open);
    let output = stop.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "the router has stopped\n");
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
    wait::until("the router to end", || processes::ended(pid));
    assert_eq!(event(&platform, "drained")["cut"], 0);
}

#[test]
fn stop_cuts_what_goes_on_after_the_drain() {
    let service = Service::new();
    let (platform, raw) = router_before(&service);
    let mut open = service.reached_through(raw, "any.name");
    let stopped = "the router has stopped\n";
    platform.xtask(["router", "stop", "--drain", "10ms"]).run().exits(0).stdout(stopped).stderr("");
    assert!(is_closed(&mut open.client) && is_closed(&mut open.service));
    assert_eq!(event(&platform, "drained")["cut"], 1);
    let already = "the router was not running\n";
    platform.xtask(["router", "stop"]).run().exits(0).stdout(already).stderr("");
}

#[test]
fn a_drain_without_end_is_refused() {
    let platform = Platform::new();
    for verb in ["stop", "restart"] {
        let told = "error: `300000000000y` is no value for `--drain <TIME>`\n\
                    cause: longer than 1day\nhelp: see `cargo xtask --help`\n";
        let call = platform.xtask(["router", verb, "--drain", "300000000000y"]).run();
        call.exits(2).stdout("").stderr(told);
    }
}

#[test]
fn a_time_limit_beyond_all_clocks_is_none() {
    let (platform, _) = router_before(&Service::new());
    for limit in ["200000000000y", "300000000000y"] {
        platform.xtask(["router", "restart", "--timeout", limit]).run().exits(0);
        platform.xtask(["router", "stop", "--timeout", limit]).run().exits(0);
        platform.xtask(["router", "start", "--timeout", limit]).run().exits(0);
        platform.xtask(["up", "--timeout", limit]).run().exits(0);
    }
}

#[test]
fn a_second_stop_makes_the_drain_shorter() {
    let service = Service::new();
    let (platform, raw) = router_before(&service);
    let mut open = service.reached_through(raw, "any.name");
    platform.xtask(["router", "stop", "--drain", "1h", "--timeout", "1ms"]).run().exits(4);
    wait::until("the router to stop listening", || is_refused(raw));
    open.carries();
    let stopped = "the router has stopped\n";
    platform.xtask(["router", "stop", "--drain", "10ms"]).run().exits(0).stdout(stopped).stderr("");
    assert!(is_closed(&mut open.client) && is_closed(&mut open.service));
    event(&platform, "drain_shortened");
}

#[test]
fn a_stop_of_another_protocol_is_understood() {
    let (platform, raw) = router_before(&Service::new());
    let pid = platform.pid("router");
    let socket = UnixStream::connect(platform.state("router.sock")).unwrap();
    writeln!(&socket, r#"{{"protocol":7,"verb":"stop","drain_ms":0}}"#).unwrap();
    let mut reply = String::new();
    BufReader::new(&socket).read_line(&mut reply).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&reply).unwrap()["answer"], json!({ "Ok": null }));
    wait::until("the router to end", || processes::ended(pid));
    assert!(is_refused(raw));
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
fn the_time_limit_ends_the_wait_for_a_drain() {
    let service = Service::new();
    let (platform, raw) = router_before(&service);
    let mut open = service.reached_through(raw, "any.name");
    let pid = platform.pid("router");
    let told = format!(
        "error: the time was up while `router` (process {pid}) was ending; it runs still\n\
         help: it goes on to end; to wait for that, run the command again with a longer `--timeout`\n"
    );
    let stop = ["router", "stop", "--drain", "1h", "--timeout", "300ms"];
    platform.xtask(stop).run().exits(4).stdout("").stderr(told);
    wait::until("the router to stop listening", || is_refused(raw));
    open.carries();
    drop(open);
    wait::until("the router to end", || processes::ended(pid));
}

#[test]
fn an_interrupt_ends_the_wait_for_a_drain() {
    let service = Service::new();
    let (platform, raw) = router_before(&service);
    let mut open = service.reached_through(raw, "any.name");
    let stop = platform.xtask(["router", "stop", "--drain", "1h"]).spawn();
    wait::until("the router to stop listening", || is_refused(raw));
    processes::signal(stop.id(), Signal::INT);
    let output = stop.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let expected = "error: interrupted; still running: router\n\
                    help: run `cargo xtask up` to go on, or `cargo xtask down` to end them\n";
    assert_eq!(String::from_utf8(output.stderr).unwrap(), expected);
    open.carries();
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
    let service = Service::new();
    let ports = [Service::new(), Service::new()].map(|free| free.address().port());
    let [https, raw] = ports.map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    let ports = format!("router.ports={{ https = {}, raw = {} }}", ports[0], ports[1]);
    let backends = [service.backend("argo"), service.backend("edge")];
    let flags = fixture::EMBEDDED.into_iter().chain(["--set", &ports]);
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
    let one = json!(1);
    let expected = [
        ("argo", &Value::Null),
        ("gitea", &one),
        ("orchestrator", &one),
        ("boots", &one),
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
    wait::until("the event", || events(&platform).iter().any(|event| event["event"] == "failed"));
    let logs = platform.xtask(["router", "logs"]).run().exits(0).stderr("");
    let lines: Vec<_> = logs.text().lines().collect();
    assert!(lines[0].contains(" started pid="), "{lines:?}");
    let failed = ["failed", "reason=connect_refused", "route=edge", "sni=some.host"];
    assert!(failed.iter().all(|word| lines[1].contains(word)), "{lines:?}");
    let last = platform.json(["router", "logs", "--lines", "1"]);
    assert_eq!(last["events"], json!([event(&platform, "failed")]));
}

#[test]
fn an_interrupt_ends_following_the_log_quietly() {
    let nobody = Refusal::new();
    let (platform, raw) = router_to(&nobody.backend("edge"));
    let mut follow = platform.xtask(["router", "logs", "--follow"]).spawn();
    let mut lines = BufReader::new(follow.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.next().unwrap().contains(" started "));
    assert!(is_closed(&mut fixture::connection::hello_to(raw, "some.host")));
    assert!(lines.next().unwrap().contains(" sni=some.host"));
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
