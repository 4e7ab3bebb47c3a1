//! What is seen of a cluster that fails now and then.

use std::time::Duration;

use cluster::{Error, Last, ObjectName, Seen, Wanted};
use fake_kube::objects::service;
use fake_kube::{FakeKube, Fault, Verb};
use serde_json::{Value, json};

use crate::support::{
    self, PATIENCE, argo, backend, hosts_wanted, open, service as seen_service, service_wanted,
};

/// The Service that is looked for, with this address.
fn at(ip: &str) -> Value {
    let name = argo();
    service(&name.namespace, &name.name).load_balancer(ip).port(443, 30443).into()
}

fn kube_with(ip: &str) -> FakeKube {
    let kube = FakeKube::start();
    kube.apply(&at(ip));
    kube
}

#[tokio::test]
async fn asks_for_everything_at_once() {
    let kube = FakeKube::start();
    // No list is answered, so that the last one comes only if none waits for another.
    kube.faults().push(Fault::silence());
    let services = (0..4).map(|number| ObjectName::new("orch", number.to_string())).collect();
    let wanted = Wanted { services, ..hosts_wanted("orch") };
    let seen = open(kube.url()).await.watch(&wanted);
    kube.until(PATIENCE, |kube| kube.requests().len() == 5).await;
    assert!(!seen.borrow().is_complete());
}

#[tokio::test]
async fn a_slow_answer_is_an_answer() {
    let kube = kube_with("10.0.0.1");
    kube.faults().push(Fault::latency(Duration::from_millis(200)));
    kube.faults().push(Fault::slow_body(Duration::from_millis(20)));
    let mut seen = open(kube.url()).await.watch(&service_wanted());
    kube.until(PATIENCE, |kube| kube.open_watches() == 1).await;
    kube.apply(&at("10.0.0.2"));
    seen_service(&mut seen, |service| {
        assert_eq!(service.trouble, None);
        backend(service).as_deref() == Some("10.0.0.2:443")
    })
    .await;
}

#[tokio::test]
async fn comes_back_after_every_fault_of_a_watch() {
    let kube = kube_with("10.0.0.1");
    let faults = [
        Fault::cut().verb(Verb::Watch),
        // The watch ends as it should, without an event.
        Fault::garbage("").verb(Verb::Watch),
        Fault::error_event(410).message("too old resource version"),
        Fault::status(410).verb(Verb::Watch),
    ];
    let rounds = faults.len() + 1;
    for fault in faults {
        kube.faults().push(fault.times(1));
    }
    let mut seen = open(kube.url()).await.watch(&service_wanted());
    let mut comes_to = async |ip: &str| {
        let expected = Some(format!("{ip}:443"));
        seen_service(&mut seen, |service| {
            assert_eq!(service.trouble, None, "such an end is no trouble");
            backend(service) == expected
        })
        .await;
    };
    comes_to("10.0.0.1").await;
    let steps = [Verb::List, Verb::Watch].repeat(rounds);
    kube.until(PATIENCE, |kube| kube.requests().len() >= steps.len() && kube.open_watches() == 1).await;
    // Each time, it listed and watched anew.
    let verbs: Vec<_> = kube.requests().iter().map(|request| request.verb).collect();
    assert_eq!(verbs, steps);

    for (break_off, ip) in
        [(FakeKube::cut_watches as fn(&FakeKube), "10.0.0.2"), (FakeKube::expire, "10.0.0.3")]
    {
        break_off(&kube);
        kube.apply(&at(ip));
        comes_to(ip).await;
    }
}

#[tokio::test]
async fn keeps_what_was_seen_while_there_is_trouble() {
    let kube = kube_with("10.0.0.1");
    let mut seen = open(kube.url()).await.watch(&service_wanted());
    seen_service(&mut seen, |service| backend(service).is_some()).await;
    kube.until(PATIENCE, |kube| kube.open_watches() == 1).await;
    let refuses = "refuses to tell service `argocd/argocd-server`: ";
    for (fault, reason) in [
        (Fault::status(503).message("etcd\u{1b}[31m is\nslow"), format!("{refuses}503 etcd [31m is slow")),
        (Fault::status(429).message("too many requests"), format!("{refuses}429 too many requests")),
        (Fault::cut(), "cannot be reached: the connection was cut".to_owned()),
    ] {
        kube.faults().clear();
        kube.faults().push(fault.verb(Verb::List));
        kube.cut_watches();
        let is_it = |error: &Error| error.to_string().contains(&reason);
        let service = seen_service(&mut seen, |service| service.trouble.as_ref().is_some_and(is_it)).await;
        assert_eq!(backend(&service).as_deref(), Some("10.0.0.1:443"));
    }
    kube.faults().clear();
    let service = seen_service(&mut seen, |service| service.trouble.is_none()).await;
    assert_eq!(backend(&service).as_deref(), Some("10.0.0.1:443"));
}

#[tokio::test]
async fn an_error_event_is_trouble_until_the_next_watch() {
    let kube = kube_with("10.0.0.1");
    kube.faults().push(Fault::error_event(500).message("no leader"));
    let mut seen = open(kube.url()).await.watch(&service_wanted());
    let is_it = |error: &Error| error.to_string().ends_with(": 500 no leader");
    seen_service(&mut seen, |service| service.trouble.as_ref().is_some_and(is_it)).await;
    kube.faults().clear();
    seen_service(&mut seen, |service| service.trouble.is_none() && backend(service).is_some()).await;
}

#[tokio::test]
async fn a_watch_that_is_not_allowed_is_trouble_beside_what_lists_tell() {
    let kube = kube_with("10.0.0.1");
    kube.faults().push(Fault::status(403).verb(Verb::Watch));
    let mut seen = open(kube.url()).await.watch(&service_wanted());
    seen_service(&mut seen, |service| service.trouble.is_some()).await;
    kube.apply(&at("10.0.0.2"));
    let service =
        seen_service(&mut seen, |service| backend(service).as_deref() == Some("10.0.0.2:443")).await;
    assert!(matches!(service.trouble, Some(Error::Forbidden { .. })), "{:?}", service.trouble);
}

#[tokio::test]
async fn takes_no_object_for_another() {
    // This API does not know field selectors.
    let mut other = at("10.0.0.9");
    other["metadata"]["name"] = json!("other");
    let list = json!({
        "kind": "ServiceList", "apiVersion": "v1", "metadata": {"resourceVersion": "7"},
        "items": [other, at("10.0.0.1")],
    });
    let event = |kind: &str, object: &Value| format!("{}\n", json!({"type": kind, "object": object}));
    let events = [
        event("ADDED", &other),
        event("MODIFIED", &at("10.0.0.1")),
        event("MODIFIED", &other),
        event("DELETED", &other),
    ];
    let kube = FakeKube::start();
    kube.faults().push(Fault::garbage(list.to_string()).verb(Verb::List));
    kube.faults().push(Fault::garbage(events.concat()).verb(Verb::Watch));
    let mut seen = open(kube.url()).await.watch(&service_wanted());
    let look = |seen: &Seen| {
        let service = &seen.services[&argo()];
        let expected = [None, Some("10.0.0.1:443".to_owned())];
        assert!(service.last != Last::Absent && expected.contains(&backend(service)), "{service:?}");
    };
    // What is wrong after a watch stays so until the next list.
    let asked_often = kube.until(PATIENCE, |kube| kube.requests().len() >= 8);
    let looking = async {
        loop {
            look(&seen.borrow_and_update());
            seen.changed().await.unwrap();
        }
    };
    tokio::select! {
        () = asked_often => {}
        () = looking => {}
    }
    assert!(backend(&seen.borrow().services[&argo()]).is_some());
}

#[tokio::test]
async fn ends_when_nobody_looks() {
    let kube = FakeKube::start();
    let cluster = open(kube.url()).await;
    let mut seen = cluster.watch(&Wanted { services: vec![argo(), argo()], ..hosts_wanted("orch") });
    assert_eq!(support::until(&mut seen, Seen::is_complete).await.services.len(), 1);
    kube.until(PATIENCE, |kube| kube.open_watches() == 2).await;
    drop((seen, cluster));
    kube.until(PATIENCE, |kube| kube.open_watches() == 0).await;
}
