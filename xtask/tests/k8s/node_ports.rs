//! `k8s nodeports`.

use fake_kube::Fault;
use fake_kube::objects::service;
use serde_json::{Value, json};

use crate::Bed;
use crate::support::Call;

/// What the orchestrator has in AWS, besides a load balancer and a plain service.
fn bed() -> Bed {
    let bed = Bed::new();
    let argo = service("argocd", "argocd-server").node_port().port(80, 32080).port(443, 32443);
    let mut argo = Value::from(argo);
    argo["metadata"]["creationTimestamp"] = json!("2024-01-01T00:00:00Z");
    bed.kube.apply(&argo);
    bed.kube.apply(&service("orch-gateway", "traefik").node_port().port(4433, 32299).port(443, 30443));
    bed.kube.apply(&service("gitea", "gitea-http").load_balancer("10.1.2.3").port(443, 31443));
    bed.kube.apply(&service("default", "kubernetes").port(443, None));
    bed
}

fn profile(bed: &Bed, name: &str, words: &str) -> Call {
    let words = words.split_whitespace();
    let global = ["--kubeconfig", "kubeconfig", "--profile", name];
    bed.checkout.xtask(["k8s", "nodeports"].into_iter().chain(words).chain(global))
}

#[test]
fn lists_services_of_type_node_port_without_addresses() {
    bed().k8s("nodeports").run().exits(0).stderr("").stdout(
        "NAMESPACE     NAME           TYPE      CLUSTER-IP  EXTERNAL-IP  PORT(S)                       AGE\n\
         argocd        argocd-server  NodePort  <redacted>  <none>       80:32080/TCP,443:32443/TCP    [..]y[..]\n\
         orch-gateway  traefik        NodePort  <redacted>  <none>       4433:32299/TCP,443:30443/TCP  <unknown>\n",
    );
}

#[test]
fn all_are_load_balancers_too() {
    let ran = bed().k8s("nodeports --all").run().exits(0);
    ran.stdout(
        "NAMESPACE [..]\n\
         argocd        argocd-server  NodePort      <redacted>  <none>       80:32080/TCP,443:32443/TCP[..]\n\
         gitea         gitea-http     LoadBalancer  <redacted>  <redacted>   443:31443/TCP[..]\n\
         orch-gateway  traefik        NodePort      <redacted>  <none>       4433:32299/TCP,443:30443/TCP[..]\n",
    );
}

#[test]
fn addresses_are_shown_when_asked_for_alone() {
    let bed = bed();
    let shown = bed.k8s("nodeports --all --show-addresses").run().exits(0);
    assert!(shown.text().contains("10.96.0.10") && shown.text().contains("10.1.2.3"), "{}", shown.text());
    for format in ["text", "json"] {
        let ran = bed.k8s(&format!("nodeports --all --format {format}")).run().exits(0);
        assert!(!ran.text().contains("10.96.0.10") && !ran.text().contains("10.1.2.3"), "{}", ran.text());
    }
}

#[test]
fn the_same_as_json() {
    let answer = bed().k8s("nodeports --format json").run().exits(0).stderr("").json();
    let argo = json!({
        "namespace": "argocd", "name": "argocd-server", "type": "NodePort",
        "cluster_ip": "<redacted>", "external": [], "created": "2024-01-01T00:00:00Z",
        "ports": [
            { "name": "port-80", "port": 80, "node_port": 32080, "protocol": "TCP" },
            { "name": "port-443", "port": 443, "node_port": 32443, "protocol": "TCP" },
        ],
    });
    assert_eq!((&answer["policy"], &answer["breaches"]), (&json!("either"), &json!([])));
    assert_eq!(answer["services"][0], argo);
    assert_eq!(answer["services"].as_array().unwrap().len(), 2);
}

#[test]
fn where_they_are_not_expected_each_is_a_warning() {
    let bed = bed();
    let told = "profile `aws` expects no service of type NodePort";
    profile(&bed, "aws", "").run().exits(0).stderr(format!(
        "warning: service `argocd/argocd-server`: {told}\nwarning: service `orch-gateway/traefik`: {told}\n"
    ));
    let answer = profile(&bed, "aws", "--format json").run().exits(0).json();
    let breach = json!({ "service": "argocd/argocd-server", "why": told });
    assert_eq!((&answer["policy"], &answer["breaches"][0]), (&json!("unexpected"), &breach));
}

#[test]
fn where_they_are_expected_a_route_without_one_is_a_warning() {
    let bed = bed();
    profile(&bed, "onprem", "").run().exits(0).stderr("");
    bed.kube.apply(&service("orch-gateway", "traefik").node_port().port(4433, 32299).port(443, None));
    profile(&bed, "onprem", "").run().exits(0).stderr(
        "warning: service `orch-gateway/traefik`: profile `onprem` expects node ports, and port 443 has none, \
         which route `orchestrator` leads to\n",
    );
    let answer = profile(&bed, "onprem", "--format json").run().exits(0).json();
    assert_eq!(answer["breaches"].as_array().unwrap().len(), 1);
}

#[test]
fn what_is_forbidden_fails() {
    let bed = bed();
    bed.kube.faults().push(Fault::status(403));
    let ran = bed.k8s("nodeports").run().exits(3).stdout("");
    ran.stderr("error: not allowed to read services: [..]\nhelp: ask for the right[..]\n");
}
