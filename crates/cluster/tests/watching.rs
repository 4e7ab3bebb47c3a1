//! What is seen of a cluster that changes, and of one that fails now and then.

mod support;

use cluster::{Error, Last, ObjectName, Wanted};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use support::objects::{event, failure, hosts, list, service_at, status};
use support::script::{Answer, Api};
use support::{argo, backend, hosts_wanted, open, service, service_wanted, until};

#[tokio::test]
async fn sees_a_service_come_change_and_go() {
    let api = Api::start(|asked| if asked.watch { Answer::Hold(Vec::new()) } else { list(&[]) }).await;
    let mut seen = open(&api.url()).await.watch(&service_wanted());
    assert_eq!(service(&mut seen, |service| service.last == Last::Absent).await.trouble, None);

    let waiting = support::objects::service(&json!([]));
    api.push(event("ADDED", &waiting));
    let there = service(&mut seen, |service| matches!(service.last, Last::There(_))).await;
    assert_eq!(backend(&there), None);
    for ip in ["10.0.0.1", "10.0.0.2"] {
        api.push(event("MODIFIED", &service_at(ip)));
        let expected = Some(format!("{ip}:443"));
        service(&mut seen, |service| backend(service) == expected).await;
    }
    api.push(event("DELETED", &service_at("10.0.0.2")));
    service(&mut seen, |service| service.last == Last::Absent).await;
}

#[tokio::test]
async fn sees_the_host_list_change_and_go() {
    let good = hosts(&json!({"hosts": "- web-ui\n- '*'\n"}));
    let api =
        Api::start(
            move |asked| {
                if asked.watch { Answer::Hold(Vec::new()) } else { list(std::slice::from_ref(&good)) }
            },
        )
        .await;
    let mut seen = open(&api.url()).await.watch(&hosts_wanted());
    let counts = |seen: &cluster::Seen| match &seen.host_list.as_ref().unwrap().last {
        Last::There(list) => Some((list.hosts.len(), list.malformed.len())),
        _ => None,
    };
    until(&mut seen, |seen| counts(seen) == Some((1, 1))).await;
    api.push(event("MODIFIED", &hosts(&json!({"hosts": "[a, b, c]"}))));
    until(&mut seen, |seen| counts(seen) == Some((3, 0))).await;
    api.push(event("MODIFIED", &hosts(&json!({"other": "[]"}))));
    let without = until(&mut seen, |seen| counts(seen) == Some((0, 1))).await;
    let Last::There(list) = without.host_list.unwrap().last else { panic!("it is there") };
    assert_eq!(
        (list.malformed[0].entry.as_str(), list.malformed[0].reason.as_str()),
        ("hosts", "the ConfigMap has no such key")
    );
    api.push(event("DELETED", &hosts(&json!({}))));
    until(&mut seen, |seen| seen.host_list.as_ref().unwrap().last == Last::Absent).await;
}

#[tokio::test]
async fn asks_for_everything_at_once() {
    let lists = Arc::new(AtomicUsize::new(0));
    let counted = lists.clone();
    // No list is answered, so that the last one comes only if none waits for another.
    let api = Api::start(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        Answer::Silence
    })
    .await;
    let services = (0..4).map(|number| ObjectName::new("orch", number.to_string())).collect();
    let wanted = Wanted { services, ..hosts_wanted() };
    let seen = open(&api.url()).await.watch(&wanted);
    let all = async {
        while lists.load(Ordering::SeqCst) < 5 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = all => {}
        () = tokio::time::sleep(support::PATIENCE) => panic!("they wait for each other"),
    }
    assert!(!seen.borrow().is_complete());
}

#[tokio::test]
async fn comes_back_after_every_fault_of_a_watch() {
    let expired = || event("ERROR", &failure(410, "too old resource version"));
    let faults: [fn(String) -> Answer; 5] = [
        |_| Answer::Cut(vec![]),
        |_| Answer::Cut(vec!["{\"type\": \"MODI".into()]),
        |_| Answer::End(vec![]),
        |expired| Answer::End(vec![expired]),
        |_| status(410, "too old resource version"),
    ];
    let api = Api::start(move |asked| match (asked.watch, faults.get(asked.before)) {
        (true, Some(fault)) => fault(expired()),
        (true, None) => Answer::Hold(vec![]),
        (false, _) => list(&[service_at(&format!("10.0.0.{}", asked.before + 1))]),
    })
    .await;
    let mut seen = open(&api.url()).await.watch(&service_wanted());
    let last = service(&mut seen, |service| {
        assert_eq!(service.trouble, None, "such an end is no trouble");
        backend(service).as_deref() == Some("10.0.0.6:443")
    });
    last.await;
}

#[tokio::test]
async fn keeps_what_was_seen_while_there_is_trouble() {
    let step = Arc::new(AtomicUsize::new(0));
    let at = step.clone();
    let api = Api::start(move |asked| match (asked.watch, at.load(Ordering::SeqCst)) {
        (true, 0 | 4) => Answer::Cut(vec![]),
        (false, 1) => status(503, "etcd\u{1b}[31m is\nslow"),
        (false, 2) => status(429, "too many requests"),
        (false, 3) => Answer::Bytes(b""),
        _ => list(&[service_at("10.0.0.1")]),
    })
    .await;
    let mut seen = open(&api.url()).await.watch(&service_wanted());
    service(&mut seen, |service| backend(service).is_some()).await;
    for reason in [
        "refuses to tell service `argocd/argocd-server`: 503 etcd [31m is slow",
        "refuses to tell service `argocd/argocd-server`: 429 too many requests",
        "cannot be reached: ",
    ] {
        step.fetch_add(1, Ordering::SeqCst);
        let is_it = |error: &Error| error.to_string().contains(reason);
        let service = service(&mut seen, |service| service.trouble.as_ref().is_some_and(is_it)).await;
        assert_eq!(backend(&service).as_deref(), Some("10.0.0.1:443"));
    }
    step.fetch_add(1, Ordering::SeqCst);
    let service = service(&mut seen, |service| service.trouble.is_none()).await;
    assert_eq!(backend(&service).as_deref(), Some("10.0.0.1:443"));
}

#[tokio::test]
async fn an_error_event_is_trouble_until_the_next_watch() {
    let step = Arc::new(AtomicUsize::new(0));
    let at = step.clone();
    let api = Api::start(move |asked| match (asked.watch, at.load(Ordering::SeqCst)) {
        (true, 0) => Answer::Hold(vec![event("ERROR", &failure(500, "no leader"))]),
        (true, _) => Answer::Hold(vec![]),
        (false, _) => list(&[service_at("10.0.0.1")]),
    })
    .await;
    let mut seen = open(&api.url()).await.watch(&service_wanted());
    let troubled = service(&mut seen, |service| {
        service.trouble.as_ref().is_some_and(|error| error.to_string().ends_with(": 500 no leader"))
    });
    troubled.await;
    step.fetch_add(1, Ordering::SeqCst);
    service(&mut seen, |service| service.trouble.is_none() && backend(service).is_some()).await;
}

#[tokio::test]
async fn a_watch_that_is_not_allowed_is_trouble_beside_what_lists_tell() {
    let api = Api::start(|asked| {
        if asked.watch {
            status(403, "cannot watch")
        } else {
            list(&[service_at(if asked.before == 0 { "10.0.0.1" } else { "10.0.0.2" })])
        }
    })
    .await;
    let mut seen = open(&api.url()).await.watch(&service_wanted());
    let service = service(&mut seen, |service| backend(service).as_deref() == Some("10.0.0.2:443")).await;
    assert!(matches!(service.trouble, Some(Error::Forbidden { .. })), "{:?}", service.trouble);
}

#[tokio::test]
async fn takes_no_object_for_another() {
    let mut other = service_at("10.0.0.9");
    other["metadata"]["name"] = json!("other");
    let first = other.clone();
    let api = Api::start(move |asked| {
        if asked.watch {
            Answer::Hold(vec![event("ADDED", &first), event("DELETED", &first)])
        } else {
            list(&[first.clone(), service_at("10.0.0.1")])
        }
    })
    .await;
    let mut seen = open(&api.url()).await.watch(&service_wanted());
    service(&mut seen, |service| backend(service).as_deref() == Some("10.0.0.1:443")).await;
    api.push(event("MODIFIED", &other));
    api.push(event("MODIFIED", &service_at("10.0.0.2")));
    let states = service(&mut seen, |service| {
        assert!(matches!(service.last, Last::There(_)));
        backend(service).as_deref() != Some("10.0.0.1:443")
    });
    assert_eq!(backend(&states.await).as_deref(), Some("10.0.0.2:443"));
}

#[tokio::test]
async fn resolves_the_name_of_a_load_balancer() {
    let api = Api::start(|asked| {
        if asked.watch {
            Answer::Hold(vec![])
        } else {
            list(&[support::objects::service(&json!([{"hostname": "localhost"}]))])
        }
    })
    .await;
    let mut seen = open(&api.url()).await.watch(&service_wanted());
    let named = service(&mut seen, |service| matches!(service.last, Last::There(_))).await;
    assert_eq!(backend(&named).as_deref(), Some("127.0.0.1:443"));
}

#[tokio::test]
async fn ends_when_nobody_looks() {
    let api = Api::start(|asked| if asked.watch { Answer::Hold(vec![]) } else { list(&[]) }).await;
    let cluster = open(&api.url()).await;
    let mut seen = cluster.watch(&Wanted { services: vec![argo(), argo()], ..hosts_wanted() });
    assert_eq!(until(&mut seen, cluster::Seen::is_complete).await.services.len(), 1);
    drop((seen, cluster));
    api.deserted().await;
}
