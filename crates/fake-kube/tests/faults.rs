//! Each fault does what it says, as a plain HTTP client sees it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests panic")]

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use fake_kube::{FakeKube, Fault, Request, Verb, objects};
use serde_json::Value;

/// How long anything may take before a test fails.
const LIMIT: Duration = Duration::from_secs(30);
/// Longer than any test runs.
const FOREVER: Duration = Duration::from_hours(1);
const PATH: &str = "/api/v1/namespaces/default/configmaps/sky";

fn kube() -> FakeKube {
    let kube = FakeKube::start();
    kube.apply(&objects::config_map("default", "sky", "colour", "blue"));
    kube
}

fn get(kube: &FakeKube, path: &str) -> ureq::http::Response<ureq::Body> {
    let url = format!("{}{path}", kube.url());
    ureq::get(&url).config().http_status_as_error(false).timeout_global(Some(LIMIT)).build().call().unwrap()
}

fn json(mut response: ureq::http::Response<ureq::Body>) -> Value {
    serde_json::from_str(&response.body_mut().read_to_string().unwrap()).unwrap()
}

/// A connection on which this was asked for.
fn ask(kube: &FakeKube, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(kube.url().trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: kube\r\n\r\n").unwrap();
    stream
}

/// Reads until this has come.
fn read_until(mut stream: &TcpStream, expected: &str) {
    let (mut text, mut piece) = (String::new(), [0; 1024]);
    while !text.contains(expected) {
        let length = stream.read(&mut piece).unwrap();
        assert_ne!(length, 0, "`{expected}` did not come: {text}");
        text += &String::from_utf8_lossy(&piece[..length]);
    }
}

/// What comes until the connection is reset.
fn read_to_reset(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    let error = stream.read_to_end(&mut text).expect_err("a reset");
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    String::from_utf8(text).unwrap()
}

#[test]
fn a_refusal_says_what_it_is_told_to() {
    let kube = FakeKube::start();
    kube.faults().push(Fault::status(403).message("not for you"));
    assert_eq!(json(get(&kube, PATH))["message"], "not for you");
}

#[test]
fn each_status_comes_with_the_object_that_explains_it() {
    let kube = kube();
    let reasons = [
        (400, "BadRequest"),
        (401, "Unauthorized"),
        (403, "Forbidden"),
        (404, "NotFound"),
        (409, "Conflict"),
        (410, "Expired"),
        (415, "UnsupportedMediaType"),
        (422, "Invalid"),
        (429, "TooManyRequests"),
        (500, "InternalError"),
        (503, "ServiceUnavailable"),
        (504, "Timeout"),
    ];
    for (code, reason) in reasons {
        kube.faults().push(Fault::status(code).times(1));
        let response = get(&kube, PATH);
        assert_eq!(response.status(), code);
        assert_eq!(response.headers().contains_key("retry-after"), code == 429);
        let status = json(response);
        assert_eq!((&status["kind"], &status["reason"]), (&"Status".into(), &reason.into()));
        assert_eq!(status["code"], code);
    }
    assert_eq!(json(get(&kube, PATH))["data"]["colour"], "blue", "the faults are used up");
}

#[test]
fn latency_delays_the_answer() {
    let kube = kube();
    let latency = Duration::from_millis(50);
    kube.faults().push(Fault::latency(latency));
    let asked = Instant::now();
    assert_eq!(get(&kube, PATH).status(), 200);
    assert!(asked.elapsed() >= latency);
}

#[test]
fn requests_are_late_side_by_side() {
    let kube = kube();
    kube.faults().push(Fault::latency(FOREVER).kind("ConfigMap"));
    let late: Vec<_> = (0..4).map(|_| ask(&kube, PATH)).collect();
    kube.wait_for_requests(4, LIMIT);
    assert_eq!(get(&kube, "/version").status(), 200);
    for stream in late {
        stream.set_nonblocking(true).unwrap();
        assert_eq!((&stream).read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    }
}

#[test]
fn silence_lasts() {
    let kube = kube();
    kube.faults().push(Fault::silence().times(1));
    let silent = ask(&kube, PATH);
    kube.wait_for_requests(1, LIMIT);
    assert_eq!(get(&kube, PATH).status(), 200, "another is answered");
    silent.set_nonblocking(true).unwrap();
    assert_eq!((&silent).read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn a_cut_ends_the_body_in_its_middle() {
    let kube = kube();
    kube.faults().push(Fault::cut().times(1));
    let text = read_to_reset(ask(&kube, PATH));
    assert!(text.starts_with("HTTP/1.1 200 OK"), "{text}");
    assert!(text.contains("apiVersion") && !text.ends_with("\r\n0\r\n\r\n"), "{text}");
}

#[test]
fn a_cut_ends_a_watch_within_a_line() {
    let kube = kube();
    kube.faults().push(Fault::cut().verb(Verb::Watch).times(1));
    let text = read_to_reset(ask(&kube, "/api/v1/configmaps?watch=true"));
    assert!(text.starts_with("HTTP/1.1 200 OK") && text.contains("{\"type\""), "{text}");
}

#[test]
fn an_open_watch_is_reset_when_told() {
    let kube = kube();
    let stream = ask(&kube, "/api/v1/configmaps?watch=true");
    kube.wait_for(LIMIT, |kube| kube.open_watches() == 1);
    read_until(&stream, "blue");
    kube.cut_watches();
    read_to_reset(stream);
    kube.wait_for(LIMIT, |kube| kube.open_watches() == 0);
}

#[test]
fn garbage_is_sent_as_it_is() {
    let kube = kube();
    kube.faults().push(Fault::garbage("<html>").times(1));
    let mut response = get(&kube, PATH);
    assert_eq!(response.status(), 200);
    assert_eq!(response.body_mut().read_to_string().unwrap(), "<html>");
}

#[test]
fn a_slow_body_is_whole_in_the_end() {
    let kube = kube();
    let pause = Duration::from_millis(5);
    kube.faults().push(Fault::slow_body(pause).times(1));
    let asked = Instant::now();
    let slow = json(get(&kube, PATH));
    assert!(asked.elapsed() >= 8 * pause);
    assert_eq!(slow, json(get(&kube, PATH)));
}

#[test]
fn an_error_event_is_the_whole_watch() {
    let kube = kube();
    kube.faults().push(Fault::error_event(410).times(1));
    let event = json(get(&kube, "/api/v1/configmaps?watch=true"));
    assert_eq!(event["type"], "ERROR");
    assert_eq!(event["object"]["code"], 410);
}

#[test]
fn an_object_changes_at_its_time() {
    let kube = kube();
    kube.after(Duration::from_millis(1), |kube| {
        kube.apply(&objects::config_map("default", "sky", "colour", "grey"));
    });
    kube.wait_for(LIMIT, |kube| {
        kube.get("ConfigMap", "default", "sky").is_some_and(|sky| sky["data"]["colour"] == "grey")
    });
}

#[test]
fn requests_are_noted_as_they_came() {
    let kube = kube();
    let before = Instant::now();
    get(&kube, "/api/v1/configmaps?limit=5&fieldSelector=metadata.name%3Dsky");
    let [Request { method, path, verb, kind, name, at, .. }] = &kube.requests()[..] else {
        panic!("one request");
    };
    assert_eq!((method.as_str(), path.as_str()), ("GET", "/api/v1/configmaps"));
    assert_eq!((*verb, *kind, name.as_deref()), (Verb::List, Some("ConfigMap"), Some("sky")));
    assert_eq!(kube.requests()[0].parameter("limit").as_deref(), Some("5"));
    assert!((before..=Instant::now()).contains(at));
}

#[test]
#[should_panic(expected = "not so within")]
fn waiting_for_what_does_not_come_fails() {
    kube().wait_for_requests(1, Duration::from_millis(1));
}

#[test]
#[should_panic(expected = "`Lease` is not served")]
fn what_is_not_served_is_not_kept() {
    kube().get("Lease", "default", "sky");
}

#[test]
#[should_panic(expected = "whether a ConfigMap such as `sky` has a namespace")]
fn an_object_is_kept_where_it_belongs() {
    kube().get("ConfigMap", "", "sky");
}

#[test]
fn dropping_it_ends_everything() {
    let kube = kube();
    kube.faults().push(Fault::silence().path("/version"));
    kube.after(FOREVER, FakeKube::expire);
    let mut streams = ["/version", "/api/v1/configmaps?watch=true"].map(|path| ask(&kube, path));
    kube.wait_for(LIMIT, |kube| kube.requests().len() == 2 && kube.open_watches() == 1);
    let address = kube.url().trim_start_matches("http://").to_owned();
    drop(kube);
    for stream in &mut streams {
        // An orderly end or a reset, but an end.
        let end = stream.read_to_end(&mut Vec::new());
        assert!(
            end.as_ref().map_or_else(|error| error.kind() == ErrorKind::ConnectionReset, |_| true),
            "{end:?}"
        );
    }
    assert_eq!(TcpStream::connect(address).unwrap_err().kind(), ErrorKind::ConnectionRefused);
}
