//! How the router follows the cluster, and `router sync`, which does it once.

use fake_kube::objects::service;
use fake_kube::{Fault, Verb};
use serde_json::json;

use crate::coder::{Coder, LIMIT};
use crate::fixture::connection::Service;
use crate::fixture::{address, wait, watch};

#[test]
fn an_address_that_changes_is_followed_and_connections_stay() {
    let coder = Coder::with_services();
    let before = Service::at(coder.at("argo", "127.0.0.2"));
    let after = Service::at(coder.at("argo", "127.0.0.3"));
    coder.expose("argocd", "127.0.0.2");
    let started = coder.json(["router", "start"]);
    let https = address(&started["listeners"]["https"]);
    let mut old = before.reached_through(https, "argo.kind.internal");
    coder.expose("argocd", "127.0.0.3");
    coder.comes_to("argo", Some("127.0.0.3"));
    let mut new = after.reached_through(https, "argo.kind.internal");
    old.carries();
    new.carries();
    let status = watch::told_of(1, || coder.json(["router", "status"]));
    assert!(status["watch"]["changed"].is_string(), "{status:#}");
}

#[test]
fn a_service_that_comes_later_gets_its_route_and_one_that_goes_loses_it() {
    let coder = Coder::new();
    coder.json(["router", "start"]);
    let pending = || coder.json(["router", "status"])["watch"]["pending"].as_array().unwrap().len();
    wait::until("all routes to be pending", || pending() == 5);
    coder.expose("orch-gateway", "127.0.0.1");
    coder.comes_to("edge", Some("127.0.0.1"));
    assert_eq!(coder.backend("orchestrator"), Some(coder.backends["orchestrator"]));
    coder.kube.apply(&service("orch-gateway", "traefik").pending().port(443, None));
    coder.comes_to("edge", None);
    coder.expose("orch-gateway", "127.0.0.1");
    coder.comes_to("edge", Some("127.0.0.1"));
    coder.kube.delete("Service", "orch-gateway", "traefik");
    coder.comes_to("edge", None);
    let shown = coder.call(["router", "status"]).run().exits(0);
    let why = "route `edge` is absent: service `orch-gateway/traefik` does not exist\n";
    assert!(shown.text().contains(why), "{}", shown.text());
}

#[test]
fn an_api_that_flaps_changes_nothing() {
    let coder = Coder::with_services();
    coder.json(["router", "start"]);
    let asked = coder.kube.requests().len();
    coder.kube.faults().push(Fault::status(503).times(30));
    coder.kube.cut_watches();
    coder.kube.wait_for_requests(asked + 30, LIMIT);
    coder.kube.expire();
    coder.kube.cut_watches();
    coder.kube.wait_for(LIMIT, |kube| kube.open_watches() == 6);
    // It still follows: what comes now is the first change.
    coder.expose("argocd", "127.0.0.4");
    coder.comes_to("argo", Some("127.0.0.4"));
    let status = watch::told_of(1, || coder.json(["router", "status"]));
    assert_eq!(status["counters"]["reloads"], 1, "{status:#}");
}

#[test]
fn trouble_is_shown_and_ends() {
    let coder = Coder::with_services();
    coder.json(["router", "start"]);
    coder.kube.faults().push(Fault::status(403).kind("Service").name("gitea-http"));
    coder.kube.cut_watches();
    let trouble = || coder.json(["router", "status"])["watch"]["trouble"].clone();
    wait::until("the trouble to show", || trouble().to_string().contains("gitea-http"));
    assert_eq!(coder.backend("gitea"), Some(coder.backends["gitea"]));
    coder.kube.faults().clear();
    wait::until("the trouble to end", || trouble().is_null());
}

#[test]
fn a_cluster_made_anew_is_found_again() {
    let coder = Coder::with_services();
    coder.json(["router", "start"]);
    let other = Coder::with_services();
    // Another server, another address: all that leads there is the kubeconfig.
    coder.write_kubeconfig(&other.kube.kubeconfig());
    other.kube.apply(&coder.service("argocd", "127.0.0.5"));
    coder.kube.faults().push(Fault::status(401));
    coder.kube.cut_watches();
    coder.comes_to("argo", Some("127.0.0.5"));
}

#[test]
fn sync_does_it_once() {
    let coder = Coder::with_services();
    let started = coder.json(["router", "start", "--no-watch"]);
    assert_eq!(started["watch"], json!(null));
    coder.call(["router", "sync"]).run().exits(0).stderr("").stdout("the router serves so already\n");
    coder.expose("gitea", "127.0.0.6");
    coder.kube.delete("Service", "argocd", "argocd-server");
    let synced = coder.json(["router", "sync"]);
    assert_eq!((&synced["change"], &synced["absent"]), (&json!("reloaded"), &json!(["argo"])));
    assert_eq!(coder.backend("gitea"), Some(coder.at("gitea", "127.0.0.6")));
    assert_eq!(coder.backend("argo"), None);
    coder.json(["router", "stop"]);
    coder
        .call(["router", "sync"])
        .run()
        .exits(3)
        .stdout("")
        .stderr("error: the router is not running\nhelp: run `cargo xtask router start`\n");
}

#[test]
fn a_host_list_that_cannot_be_read_stays_as_it_is() {
    let coder = Coder::with_services();
    coder.list_hosts("- one.kind.internal");
    coder.json(["router", "start", "--no-watch"]);
    coder.kube.faults().push(Fault::status(500).kind("ConfigMap"));
    let one = ["one.kind.internal", "fake.host"];
    let synced = coder.call(["router", "sync"]).run().exits(0).stdout("the router serves so already\n");
    assert!(synced.errors().ends_with("; the list of hosts stays\n"), "{}", synced.errors());
    assert_eq!(coder.hosts(), one);
    coder.json(["router", "watch"]);
    let trouble = || coder.json(["router", "status"])["watch"]["trouble"].is_string();
    wait::until("the trouble to show", trouble);
    coder.expose("gitea", "127.0.0.8");
    coder.comes_to("gitea", Some("127.0.0.8"));
    assert_eq!(coder.hosts(), one);
    coder.kube.faults().push(Fault::status(401));
    coder.call(["router", "restart"]).run().exits(0);
    assert_eq!(coder.hosts(), one);
}

#[test]
fn what_others_wrote_is_mended() {
    let coder = Coder::with_services();
    coder.json(["router", "start"]);
    let pid = coder.json(["router", "status"])["watch"]["pid"].clone();
    coder.kube.wait_for(LIMIT, |kube| kube.open_watches() == 6);
    // Another call gives the router a table that is out of date.
    let metadata = json!({ "resourceVersion": "1" });
    let nothing = json!({ "kind": "ServiceList", "apiVersion": "v1", "metadata": metadata, "items": [] });
    let outdated = Fault::garbage(nothing.to_string()).kind("Service").name("argocd-server");
    coder.kube.faults().push(outdated.verb(Verb::List).times(1));
    assert_eq!(coder.json(["router", "sync"])["absent"], json!(["argo"]));
    coder.comes_to("argo", Some("127.0.0.1"));
    assert_eq!(coder.json(["router", "status"])["watch"]["pid"], pid);
}
