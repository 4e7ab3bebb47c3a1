//! `router stop`: drains, signals and limits of time, with the embedded engine.
#![allow(clippy::unwrap_used, reason = "tests panic")]

mod fixture;
mod support;

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;

use rustix::process::Signal;
use serde_json::{Value, json};

use fixture::connection::{Service, is_closed, is_refused};
use fixture::router::{event, events, router_before};
use fixture::{Platform, processes, wait};

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
    // Failed ones are the start's own handshakes with a service that is silent.
    let events = events(&platform).into_iter().filter(|event| event["event"] != "failed");
    let names: Vec<_> = events.map(|event| event["event"].clone()).collect();
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
                    cause: longer than 1day\nhelp: see the same command with `--help`\n";
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
fn an_interrupted_down_goes_on_with_down() {
    let service = Service::new();
    let (platform, raw) = router_before(&service);
    let open = service.reached_through(raw, "any.name");
    let down = platform.xtask(["down"]).spawn();
    wait::until("the router to stop listening", || is_refused(raw));
    processes::signal(down.id(), Signal::INT);
    let output = down.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let said = String::from_utf8(output.stderr).unwrap();
    // The router may have drained by then.
    assert!(said.contains("\nerror: interrupted; "), "{said}");
    assert!(said.ends_with("\nhelp: run `cargo xtask down` to go on\n"), "{said}");
    drop(open);
}

#[test]
fn a_terminal_that_hangs_up_interrupts_down() {
    let service = Service::new();
    let (platform, raw) = router_before(&service);
    let open = service.reached_through(raw, "any.name");
    let (down, terminal) = platform.xtask(["down"]).spawn_until_it_moves();
    wait::until("the router to stop listening", || is_refused(raw));
    drop(terminal);
    processes::signal(down.id(), Signal::HUP);
    assert_eq!(down.wait_with_output().unwrap().status.code(), Some(130));
    drop(open);
}
