//! Which requests a fault is for.

use hyper::{Method, Uri};

use super::*;
use crate::resource::Target;

fn get(uri: &'static str) -> Request {
    let uri = Uri::from_static(uri);
    Request::new(&Method::GET, &uri, Target::parse(uri.path()).as_ref())
}

fn met(fault: Fault, uri: &'static str) -> bool {
    let faults = Faults::default();
    faults.push(fault);
    faults.meet(&get(uri)).effect.is_some()
}

#[test]
fn a_fault_is_for_the_requests_that_fit_it() {
    let services = "/api/v1/namespaces/a/services";
    assert!(met(Fault::status(503), "/version"));
    assert!(met(Fault::status(503).verb(Verb::List).kind("Service"), services));
    assert!(!met(Fault::status(503).verb(Verb::Watch), services));
    assert!(!met(Fault::status(503).kind("ConfigMap"), services));
    assert!(met(Fault::status(503).path("/api/v1/namespaces/a/"), services));
    assert!(!met(Fault::status(503).path("/apis"), services));
    assert!(met(Fault::status(503).name("x"), "/api/v1/services?fieldSelector=metadata.name=x"));
    assert!(!met(Fault::status(503).name("x"), services));
}

#[test]
fn a_counted_fault_is_used_up() {
    let faults = Faults::default();
    faults.push(Fault::status(503).times(2));
    faults.push(Fault::status(500));
    let codes = [(); 3].map(|()| faults.meet(&get("/version")).effect);
    let [first, second, third] = codes.map(|effect| effect.expect("a fault is in force"));
    let status = |code| Effect::Status(Refusal::new(code));
    assert_eq!([first, second], [status(503), status(503)]);
    assert_eq!(third, status(500), "the second fault was not used up by the first");
}

#[test]
fn a_fault_can_spare_the_first_requests() {
    let faults = Faults::default();
    faults.push(Fault::status(503).after(2).times(1));
    let met = [(); 4].map(|()| faults.meet(&get("/version")).effect.is_some());
    assert_eq!(met, [false, false, true, false]);
}

#[test]
fn latencies_add_up() {
    let faults = Faults::default();
    faults.push(Fault::latency(Duration::from_millis(10)));
    faults.push(Fault::status(503));
    faults.push(Fault::latency(Duration::from_millis(5)));
    let trouble = faults.meet(&get("/version"));
    assert_eq!(trouble.latency, Duration::from_millis(15));
    assert_eq!(trouble.effect, Some(Effect::Status(Refusal::new(503))));
}

#[test]
fn cleared_faults_are_gone() {
    let faults = Faults::default();
    faults.push(Fault::silence());
    faults.clear();
    assert_eq!(faults.meet(&get("/version")).effect, None);
}
