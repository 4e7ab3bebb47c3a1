//! `metallb status`.

use fake_kube::objects::{event, service};
use serde_json::{Value, json};

use crate::bed::Bed;

fn labelled(object: &Value, name: &str) -> Value {
    let mut object = object.clone();
    object["metadata"]["labels"] = json!({ "app.kubernetes.io/name": name });
    object
}

#[test]
fn what_is_not_installed_is_told_with_the_command() {
    Bed::new()
        .metallb("status")
        .run()
        .exits(3)
        .stdout("MetalLB is not installed\n")
        .stderr("error: MetalLB is not installed\nhelp: run `cargo xtask metallb apply`\n");
}

#[test]
fn the_pools_and_who_holds_them() {
    let bed = Bed::new();
    bed.installed();
    let argo = service("argocd", "argocd-server").load_balancer("172.18.255.20");
    bed.kube.apply(&labelled(&argo, "argocd-server"));
    bed.kube.apply(&service("web", "shop").load_balancer("172.18.255.41"));
    bed.metallb("status").run().exits(0).stderr("").stdout(
        "MetalLB 0.13.11 in namespace `metallb-system`\n\
         controller `metallb-system/metallb-controller`: 1 of 1 pods are available\n\
         speaker `metallb-system/metallb-speaker`: 1 of 1 pods are available\n\
         \n\
         POOL          ADDRESSES                    HELD BY\n\
         argo          172.18.255.20                argocd/argocd-server\n\
         boots         172.18.255.40                \n\
         orchestrator  172.18.255.30                \n\
         rest          172.18.255.41-172.18.255.60  web/shop\n",
    );
    let answer = bed.metallb("status --format json").run().exits(0).json();
    assert_eq!((&answer["command"], &answer["healthy"]), (&json!("metallb status"), &json!(true)));
    assert_eq!(answer["chart"], json!({ "version": "0.13.11", "ours": true, "note": null }));
    assert_eq!(answer["controller"]["ready"], true);
    let holders = json!([{ "namespace": "argocd", "name": "argocd-server" }]);
    let pool = json!({ "name": "argo", "addresses": ["172.18.255.20/32"], "ours": true, "holders": holders });
    assert_eq!(answer["pools"][0], pool);
}

#[test]
fn why_a_service_waits() {
    let bed = Bed::new();
    bed.installed();
    let held = service("argocd", "first").load_balancer("172.18.255.20");
    bed.kube.apply(&labelled(&held, "argocd-server"));
    bed.kube.apply(&service("web", "fresh").pending());
    let mut asking = Value::from(service("web", "asking").pending());
    asking["metadata"]["annotations"] = json!({ "metallb.universe.tf/address-pool": "gone" });
    bed.kube.apply(&asking);
    let mut other = Value::from(service("web", "other").pending());
    other["spec"]["loadBalancerClass"] = json!("cloud");
    bed.kube.apply(&other);
    let mut six = Value::from(service("web", "six").pending());
    six["spec"]["ipFamilies"] = json!(["IPv6"]);
    bed.kube.apply(&six);
    let warned = event("web", "Service", "asking").warning("AllocationFailed", "no pool");
    bed.kube.apply(&warned.at("2024-05-06T07:08:09Z"));
    let answer = bed.metallb("status --format json").run().exits(0).json();
    let told = |name: &str| -> Value {
        let pending = answer["pending"].as_array().unwrap();
        pending.iter().find(|service| service["name"] == name).unwrap().clone()
    };
    assert_eq!(told("fresh")["why"], "MetalLB has not acted on it yet");
    assert_eq!(told("asking")["why"], "it asks for pool `gone`, which is not there");
    assert_eq!(told("asking")["warning"], "AllocationFailed: no pool");
    assert_eq!(told("other")["why"], "it leaves its address to whoever serves load balancer class `cloud`");
    assert_eq!(told("six")["why"], "no pool for it has addresses of IPv6");
}

#[test]
fn a_full_pool_names_its_holder() {
    let bed = Bed::new();
    let profile = bed.checkout.read("profiles/coder.toml").replace("rest = 20", "rest = 0");
    bed.checkout.write("profiles/coder.toml", &profile);
    bed.installed();
    let held = service("argocd", "first").load_balancer("172.18.255.20");
    bed.kube.apply(&labelled(&held, "argocd-server"));
    bed.kube.apply(&labelled(&service("argocd", "second").pending(), "argocd-server"));
    bed.kube.apply(&service("web", "shop").pending());
    let ran = bed.metallb("status").run().exits(0);
    let text = ran.text();
    let full = "service `argocd/second` has no address: pool `argo` is full, held by `argocd/first`\n";
    assert!(text.contains(full), "{text}");
    assert!(text.contains("service `web/shop` has no address: no pool is for it\n"), "{text}");
}

#[test]
fn an_address_of_another_pool_is_told() {
    let bed = Bed::new();
    bed.installed();
    let argo = service("argocd", "argocd-server").load_balancer("172.18.255.41");
    bed.kube.apply(&labelled(&argo, "argocd-server"));
    let ran = bed.metallb("status").run().exits(0);
    let told =
        "service `argocd/argocd-server`: it has 172.18.255.41 of pool `rest`; its own pool `argo` is free\n";
    assert!(ran.text().contains(told), "{}", ran.text());
}

#[test]
fn a_controller_that_does_not_run_is_a_failure() {
    let bed = Bed::new();
    bed.installed();
    bed.workloads(0);
    bed.kube.apply(&service("web", "shop").pending());
    let ran = bed.metallb("status").run().exits(3);
    let text = ran.text();
    assert!(
        text.contains("has no address: MetalLB's controller is not ready: 0 of 1 pods are available\n"),
        "{text}"
    );
    ran.stderr(
        "error: MetalLB's controller is not ready: 0 of 1 pods are available\nhelp: run `cargo xtask metallb apply`\n",
    );
}
