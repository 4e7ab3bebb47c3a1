//! `router start` and what follows from its arguments.

use std::time::Duration;

use fake_kube::objects::service;
use fake_kube::{Fault, Verb};
use serde_json::{Value, json};

use crate::coder::Coder;

fn outcome<'a>(started: &'a Value, route: &str) -> &'a Value {
    let routes = started["routes"].as_array().unwrap();
    &routes.iter().find(|it| it["route"] == route).unwrap()["outcome"]
}

#[test]
fn finds_all_services_and_proves_all_routes() {
    let coder = Coder::with_services();
    let started = coder.json(["router", "start"]);
    assert_eq!((&started["change"], &started["absent"]), (&json!("started"), &json!([])));
    let routes = started["routes"].as_array().unwrap();
    assert!(routes.iter().all(|route| route["outcome"] == "proven"), "{started:#}");
    assert!(started["watch"].is_u64(), "{started:#}");
    assert_eq!(coder.json(["router", "check"])["wrong"], 0);
    assert!(coder.kube.requests().iter().all(|request| request.method == "GET"));
    let again = coder.json(["router", "start"]);
    assert_eq!((&again["change"], &again["watch"]), (&json!("already"), &started["watch"]));
}

#[test]
fn says_what_it_found() {
    let coder = Coder::with_services();
    coder.kube.apply(&service("gitea", "gitea-http").pending().port(443, 30443));
    coder.kube.delete("Service", "orch-boots", "ingress-haproxy-kubernetes-ingress");
    coder.call(["router", "start"]).run().exits(0).stderr("").stdout(
        "the router serves: https 127.0.0.1:[..], raw 127.0.0.1:[..]\n\
         3 of 5 routes answer\n\
         route `gitea` is absent, so closed: service `gitea/gitea-http`: its load balancer has no address \
         yet\n\
         route `boots` is absent, so closed: none of the services \
         `orch-boots/ingress-haproxy-kubernetes-ingress`, `orch-boots/ingress-nginx-controller` exists\n\
         changes in the cluster are followed by process [..]\n",
    );
}

#[test]
fn takes_the_first_service_that_exists() {
    let coder = Coder::with_services();
    coder.kube.delete("Service", "orch-boots", "ingress-haproxy-kubernetes-ingress");
    // Its port is the profile's, on which nothing listens.
    coder
        .kube
        .apply(&service("orch-boots", "ingress-nginx-controller").load_balancer("127.0.0.1").port(443, None));
    let started = coder.json(["router", "start"]);
    assert_eq!(outcome(&started, "boots"), "silent", "{started:#}");
    assert_eq!(coder.backend("boots"), Some("127.0.0.1:443".parse().unwrap()));
}

#[test]
fn looks_everything_up_side_by_side() {
    let coder = Coder::with_services();
    let latency = Duration::from_secs(2);
    coder.kube.faults().push(Fault::latency(latency).verb(Verb::List));
    coder.json(["router", "start", "--no-watch"]);
    let asked = coder.kube.requests();
    let lists: Vec<_> = asked.iter().filter(|request| request.verb == Verb::List).map(|it| it.at).collect();
    // Six services and the host list: the last is asked for before the first answer.
    assert_eq!(lists.len(), 6, "{asked:#?}");
    assert!(lists[5] - lists[0] < latency, "{asked:#?}");
}

#[test]
fn wait_waits_for_every_address() {
    let coder = Coder::new();
    for (delay, namespace) in [(100, "argocd"), (200, "gitea"), (300, "orch-boots"), (400, "orch-gateway")] {
        let object = coder.service(namespace, "127.0.0.1");
        coder.kube.after(Duration::from_millis(delay), move |kube| kube.apply(&object));
    }
    let started = coder.json(["router", "start", "--wait"]);
    assert_eq!(started["absent"], json!([]));
    assert_eq!(outcome(&started, "edge"), "proven", "{started:#}");
}

#[test]
fn wait_names_what_did_not_come() {
    let coder = Coder::with_services();
    coder.kube.delete("Service", "gitea", "gitea-http");
    coder.call(["router", "start", "--wait", "--timeout", "5s"]).run().exits(4).stdout("").stderr(
        "waiting for route `gitea`: service `gitea/gitea-http` does not exist\n\
         error: the time was up while waiting for route `gitea`: service `gitea/gitea-http` does not exist\n\
         help: give it more time with `--timeout`\n",
    );
    assert!(!coder.platform.root().join(".xtask/coder").exists());
}

#[test]
fn given_backends_win_over_the_cluster() {
    let coder = Coder::with_services();
    let gitea = format!("gitea={}", coder.backends["argo"]);
    let args = ["router", "start", "--backend", &gitea];
    coder.json(args);
    assert_eq!(coder.backend("gitea"), Some(coder.backends["argo"]));
    assert_eq!(coder.json(["router", "sync"])["change"], "already");
    assert_eq!(coder.json(["router", "restart"])["change"], "started");
    assert_eq!(coder.backend("gitea"), Some(coder.backends["argo"]));
    assert!(!coder.kube.requests().iter().any(|request| request.path.contains("/namespaces/gitea/")));
}

#[test]
fn with_every_backend_given_no_cluster_is_asked() {
    let coder = Coder::new();
    coder.write_kubeconfig("no kubeconfig");
    let given: Vec<String> =
        coder.backends.iter().map(|(route, backend)| format!("{route}={backend}")).collect();
    let given = given.iter().flat_map(|backend| ["--backend", backend]);
    let started = coder.json(["router", "start", "--no-watch"].into_iter().chain(given));
    assert_eq!(started["absent"], json!([]));
    assert!(coder.kube.requests().is_empty());
}

#[test]
fn the_variables_of_old_keep_working() {
    let coder = Coder::with_services();
    for verb in ["start", "stop", "restart"] {
        let ran = coder.call(["router", verb]).env("SKIP_ROUTER", "1").run().exits(0).stderr("");
        ran.stdout("skipped: SKIP_ROUTER is set\n");
    }
    assert!(coder.kube.requests().is_empty());
    coder.call(["router", "start"]).env("ORCH_DOMAIN", "edge.example").run().exits(0);
    let check = coder.json(["router", "check"]);
    assert!(check.to_string().contains("argo.edge.example"), "{check:#}");
    let hosts = coder.call(["gen", "hosts"]).env("ORCH_DOMAIN", "edge.example").run().exits(0);
    assert!(hosts.text().contains("argo.edge.example"), "{}", hosts.text());
}

#[test]
fn two_starts_at_once_make_one_router() {
    let coder = Coder::with_services();
    coder.kube.faults().push(Fault::latency(Duration::from_millis(300)).verb(Verb::List));
    let calls = [0, 1].map(|_| coder.call(["router", "start", "--format", "json"]).spawn());
    let mut changes: Vec<Value> = calls
        .into_iter()
        .map(|call| {
            let output = call.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            serde_json::from_slice::<Value>(&output.stdout).unwrap()["change"].clone()
        })
        .collect();
    changes.sort_by_key(ToString::to_string);
    assert_eq!(changes, ["already", "started"]);
}

#[test]
fn a_dry_run_looks_and_changes_nothing() {
    let coder = Coder::with_services();
    let ran = coder.call(["router", "start", "--dry-run"]).run().exits(0).stderr("");
    let argo = format!("would send route `argo` to {}\n", coder.backends["argo"]);
    assert!(ran.text().contains(&argo), "{}", ran.text());
    assert!(!coder.platform.root().join(".xtask/coder").exists());
}
