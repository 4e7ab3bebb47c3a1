//! `k8s services`.

use fake_kube::objects::service;
use fake_kube::{Fault, Verb};
use serde_json::{Value, json};

use crate::Bed;

/// Two ready services, one that waits for its address, one of another type;
/// Gitea is absent, and so is one of the two that the route `boots` may lead to.
fn bed() -> Bed {
    let bed = Bed::new();
    let argo =
        service("argocd", "argocd-server").load_balancer("172.18.255.20").port(80, 32080).port(443, 32443);
    bed.kube.apply(&argo);
    bed.kube.apply(&service("orch-gateway", "traefik").load_balancer("172.18.255.30").port(443, None));
    bed.kube.apply(&service("orch-boots", "ingress-nginx-controller").pending().port(443, None));
    bed
}

#[test]
fn shows_each_service_and_how_it_is() {
    bed().k8s("services").run().exits(0).stderr("").stdout(
        "NAMESPACE     NAME                                ROUTES              TYPE          ADDRESSES      PORTS                       STATE\n\
         argocd        argocd-server                       argo                LoadBalancer  172.18.255.20  80:32080/TCP,443:32443/TCP  ready\n\
         gitea         gitea-http                          gitea                                                                        absent\n\
         orch-gateway  traefik                             orchestrator, edge  LoadBalancer  172.18.255.30  443/TCP                     it has no port 4433\n\
         orch-boots    ingress-haproxy-kubernetes-ingress  boots                                                                        absent\n\
         orch-boots    ingress-nginx-controller            boots               LoadBalancer                 443/TCP                     its load balancer has no address yet\n",
    );
}

#[test]
fn the_same_as_json() {
    let answer = bed().k8s("services --format json").run().exits(0).stderr("").json();
    assert_eq!(answer["command"], "k8s services");
    let argo = json!({
        "namespace": "argocd", "name": "argocd-server", "routes": ["argo"], "type": "LoadBalancer",
        "addresses": ["172.18.255.20"], "names": [], "state": "ready", "why": null,
        "ports": [
            { "name": "port-80", "port": 80, "node_port": 32080, "protocol": "TCP" },
            { "name": "port-443", "port": 443, "node_port": 32443, "protocol": "TCP" },
        ],
    });
    assert_eq!(answer["services"][0], argo);
    let states: Vec<&Value> = answer["services"].as_array().unwrap().iter().map(|it| &it["state"]).collect();
    assert_eq!(states, ["ready", "absent", "not_ready", "absent", "not_ready"]);
    assert_eq!(answer["services"][2]["why"], "it has no port 4433");
}

#[test]
fn names_of_load_balancers_are_shown_with_what_they_stand_for() {
    let bed = Bed::new();
    bed.kube.apply(&service("argocd", "argocd-server").ingress_host("localhost").port(443, None));
    bed.kube.apply(&service("gitea", "gitea-http").ingress_host("lb.invalid").port(443, None));
    let answer = bed.k8s("services --format json").run().exits(0).json();
    let [argo, gitea] = [&answer["services"][0], &answer["services"][1]];
    assert_eq!((&argo["names"], &argo["state"]), (&json!(["localhost"]), &json!("ready")));
    assert!(argo["addresses"].as_array().unwrap().contains(&json!("127.0.0.1")), "{argo}");
    assert_eq!((&gitea["names"], &gitea["state"]), (&json!(["lb.invalid"]), &json!("not_ready")));
    assert!(gitea["why"].as_str().unwrap().starts_with("the name `lb.invalid`"), "{gitea}");
}

#[test]
fn what_is_forbidden_is_a_state() {
    let bed = bed();
    bed.kube.faults().push(Fault::status(403).name("gitea-http"));
    let answer = bed.k8s("services --format json").run().exits(0).stderr("").json();
    assert_eq!(answer["services"][1]["state"], "forbidden");
    assert_eq!(answer["services"][0]["state"], "ready");
    let text = bed.k8s("services").run().exits(0);
    assert!(text.text().contains("not allowed to read service `gitea/gitea-http`: "), "{}", text.text());
}

#[test]
fn where_all_is_forbidden_nothing_was_seen() {
    let bed = bed();
    bed.kube.faults().push(Fault::status(403));
    let ran = bed.k8s("services").run().exits(3).stdout("");
    ran.stderr(
        "error: not allowed to read service `argocd/argocd-server`: [..]\nhelp: ask for the right[..]\n",
    );
}

#[test]
fn what_is_not_told_is_shown_and_fails() {
    let bed = bed();
    bed.kube.faults().push(Fault::status(500).name("gitea-http").verb(Verb::List));
    let ran = bed.k8s("services --format json").run().exits(3);
    assert_eq!(ran.json()["services"][1]["state"], "unknown");
    let text = bed.k8s("services").run().exits(3);
    text.stderr(
        "error: the cluster at `[..]` refuses to tell service `gitea/gitea-http`: 500[..]\nhelp: [..]\n",
    );
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let bed = bed();
    bed.kube.faults().push(Fault::silence());
    bed.k8s("services --timeout 500ms").run().exits(4).stdout("").stderr(
        "error: the time was up while waiting for the cluster's answer\n\
         help: give it more time with `--timeout`\n",
    );
}
