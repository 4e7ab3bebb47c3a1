//! `metallb apply`.

use fake_kube::objects::{managed_by, node, service};
use fake_kube::{Fault, Verb};
use serde_json::json;

use crate::bed::{Bed, NAMESPACE};

const POOLS: &str = "argo: 172.18.255.20 (new)\norchestrator: 172.18.255.30 (new)\nboots: 172.18.255.40 (new)\n\
                     rest: 172.18.255.41-172.18.255.60 (new)\n";

/// Requests that would change something.
pub fn changes(bed: &Bed) -> usize {
    bed.kube.requests().iter().filter(|request| !request.verb.is_read()).count()
}

#[test]
fn a_dry_run_tells_all_and_does_nothing() {
    let bed = Bed::new();
    let workspace = bed.workspace();
    let helm = format!(
        "would run `KUBECONFIG=[ROOT]/kubeconfig HELM_DRIVER=secret [ROOT]/bin/helm \
         upgrade --install metallb metallb --repo https://metallb.github.io/metallb --version 0.13.11 \
         --namespace metallb-system --create-namespace --kube-context fake --set speaker.frr.enabled=false \
         --set frrk8s.enabled=false --set-string global.xtask.workspace={workspace} \
         --set-string global.xtask.profile=coder`\n"
    );
    bed.metallb("apply --dry-run").run().exits(0).stderr("").stdout(
        helm + "would apply pool `argo`: 172.18.255.20/32\n\
                would apply pool `orchestrator`: 172.18.255.30/32\n\
                would apply pool `boots`: 172.18.255.40/32\n\
                would apply pool `rest`: 172.18.255.41-172.18.255.60\n\
                would apply advertisement `xtask`: argo, orchestrator, boots, rest\n",
    );
    assert_eq!((bed.asked().as_str(), changes(&bed)), ("", 0));
}

#[test]
fn helm_installs_the_chart_and_then_come_the_pools() {
    let bed = Bed::new();
    bed.workloads(1);
    // What a release of our name without a record has left behind.
    let mut controller = bed.kube.get("Deployment", NAMESPACE, "metallb-controller").unwrap();
    controller["metadata"]["annotations"] = json!({
        "meta.helm.sh/release-name": "metallb", "meta.helm.sh/release-namespace": NAMESPACE,
    });
    bed.kube.apply(&controller);
    let ran = bed.metallb("apply").run().exits(0);
    ran.stdout(format!("MetalLB 0.13.11 is installed\n{POOLS}"));
    let asked = bed.asked();
    assert_eq!(asked.lines().count(), 1, "{asked}");
    let config = bed.checkout.root().join("kubeconfig");
    let begin = format!("{} upgrade --install metallb metallb --repo https://", config.display());
    assert!(asked.starts_with(&begin), "{asked}");
    let argo = bed.kube.get("IPAddressPool", NAMESPACE, "argo").unwrap();
    assert_eq!(
        argo["spec"],
        json!({
            "addresses": ["172.18.255.20/32"], "autoAssign": true, "avoidBuggyIPs": false,
            "serviceAllocation": {
                "priority": 10, "namespaces": ["argocd"],
                "serviceSelectors": [{ "matchLabels": { "app.kubernetes.io/name": "argocd-server" } }],
            },
        })
    );
    assert_eq!(argo["metadata"]["labels"]["dev.xtask.workspace"], bed.workspace());
    let boots = bed.kube.get("IPAddressPool", NAMESPACE, "boots").unwrap();
    let whole = json!({ "priority": 20, "namespaces": ["orch-boots"] });
    assert_eq!(boots["spec"]["serviceAllocation"], whole);
    let rest = bed.kube.get("IPAddressPool", NAMESPACE, "rest").unwrap();
    assert!(rest["spec"]["serviceAllocation"].is_null());
    let told = bed.kube.get("L2Advertisement", NAMESPACE, "xtask").unwrap();
    assert_eq!(told["spec"]["ipAddressPools"], json!(["argo", "orchestrator", "boots", "rest"]));
}

#[test]
fn again_nothing_is_done_and_helm_is_not_even_needed() {
    let bed = Bed::new();
    bed.installed();
    let before = changes(&bed);
    bed.helm("v2.0.0");
    let answer = bed.metallb("apply --format json").run().exits(0).stderr("").json();
    assert_eq!(answer["chart"], json!({ "version": "0.13.11", "change": "already" }));
    let argo = json!({ "name": "argo", "addresses": ["172.18.255.20/32"], "change": "already" });
    assert_eq!(answer["pools"][0], argo);
    assert_eq!((bed.asked().as_str(), changes(&bed)), ("", before));
    let text = bed.metallb("apply").run().exits(0);
    assert!(text.text().starts_with("MetalLB 0.13.11 and its pools are so already\n"), "{}", text.text());
}

#[test]
fn an_installation_of_somebody_else_is_used_if_it_will_do() {
    let bed = Bed::new();
    bed.workloads(1);
    bed.release("deployed", "0.13.11", false);
    let ran = bed.metallb("apply").run().exits(0);
    assert!(ran.errors().contains("which somebody else installed as release `metallb`"), "{}", ran.errors());
    ran.stdout(format!("MetalLB 0.13.11 is there, by somebody else\n{POOLS}"));
    for (status, version) in [("deployed", "0.13.10"), ("pending-install", "0.13.11"), ("failed", "0.14.0")] {
        let bed = Bed::new();
        bed.release(status, version, false);
        bed.metallb("apply").run().exits(5).stdout("").stderr(format!(
            "error: MetalLB {version} is there, which somebody else installed as release `metallb` of Helm, \
             in state `{status}`; 0.13.11 or newer is needed\nhelp: bring it up to date[..]\n"
        ));
        assert_eq!((bed.asked().as_str(), changes(&bed)), ("", 0));
    }
}

#[test]
fn pools_of_somebody_else_are_refused_or_gone_around() {
    let bed = Bed::new();
    bed.installed();
    bed.kube.delete("IPAddressPool", NAMESPACE, "argo");
    bed.foreign_pool("office", "172.18.255.20-172.18.255.25");
    bed.metallb("apply").run().exits(0);
    assert_eq!(bed.addresses("argo"), ["172.18.255.254/32"]);
    bed.kube.delete("IPAddressPool", NAMESPACE, "argo");
    bed.foreign_pool("argo", "10.0.0.0/24");
    let before = changes(&bed);
    bed.metallb("apply").run().exits(5).stdout("").stderr(
        "error: pool `argo` is there, but is not ours\n\
         help: if nobody needs it, delete it: `kubectl delete ipaddresspools.metallb.io argo --namespace metallb-system`\n",
    );
    assert_eq!(changes(&bed), before);
}

#[test]
fn a_field_that_somebody_else_set_is_not_taken() {
    let bed = Bed::new();
    bed.installed();
    let mut pool = bed.kube.get("IPAddressPool", NAMESPACE, "argo").unwrap();
    pool["spec"]["autoAssign"] = json!(false);
    bed.kube.apply(&managed_by(&pool, "kubectl-edit"));
    let ran = bed.metallb("apply").run().exits(5).stdout("");
    assert!(ran.errors().contains("`kubectl-edit`"), "{}", ran.errors());
}

#[test]
fn what_the_pools_have_they_keep_and_surplus_ones_go() {
    let bed = Bed::new();
    bed.installed();
    let profile = bed.checkout.read("profiles/coder.toml");
    let profile =
        profile.replace("host = 20", "host = 25").replace("name = \"boots\"\nhost", "name = \"pxe\"\nhost");
    bed.checkout.write("profiles/coder.toml", &profile);
    let ran = bed.metallb("apply").run().exits(0);
    ran.stdout(
        "MetalLB 0.13.11 is there\nargo: 172.18.255.20\norchestrator: 172.18.255.30\npxe: 172.18.255.40 (new)\n\
         rest: 172.18.255.41-172.18.255.60\nboots: deleted\n",
    );
    assert_eq!(bed.kube.get("IPAddressPool", NAMESPACE, "boots"), None);
}

#[test]
fn too_small_a_network_is_told_before_anything_is_done() {
    let bed = Bed::in_network(
        &["10.0.0.0/29"],
        &[("a", "10.0.0.1/29"), ("b", "10.0.0.2/29"), ("c", "10.0.0.3/29"), ("d", "10.0.0.4/29")],
    );
    bed.metallb("apply").run().exits(3).stdout("").stderr(
        "error: Docker's network `kind` has no room for the pools\n\
         cause: needed is an address each for `argo`, `orchestrator`, `boots` of IPv4; `10.0.0.0/29` has 2 left: [..]\n\
         help: free addresses of it[..]\n",
    );
    assert_eq!((bed.asked().as_str(), changes(&bed)), ("", 0));
}

#[test]
fn nodes_elsewhere_are_told() {
    let bed = Bed::new();
    bed.kube.apply(&node("far").address("10.9.9.9"));
    bed.metallb("apply").run().exits(3).stdout("").stderr(
        "error: the cluster's nodes (10.9.9.9) are not in Docker's network `kind`\nhelp: name the cluster[..]\n",
    );
}

#[test]
fn a_webhook_that_is_not_up_yet_is_waited_for() {
    let bed = Bed::new();
    bed.release("deployed", "0.13.11", true);
    bed.workloads(1);
    let fault = Fault::status(500).message("failed calling webhook \"ipaddresspool\"").verb(Verb::Patch);
    bed.kube.faults().push(fault.times(1));
    let ran = bed.metallb("apply").run().exits(0);
    assert!(ran.errors().contains("waiting until MetalLB takes pool `argo`: "), "{}", ran.errors());
    assert_eq!(bed.addresses("argo"), ["172.18.255.20/32"]);
}

#[test]
fn what_does_not_run_in_time_is_named() {
    let bed = Bed::new();
    bed.release("deployed", "0.13.11", true);
    bed.workloads(0);
    bed.metallb("apply --timeout 5s").run().exits(4).stdout("").stderr(
        "...\nerror: the time was up while waiting for MetalLB; deployment `metallb-system/metallb-controller`: [..]\n\
         help: `cargo xtask metallb status` tells[..]\n",
    );
}

#[test]
fn a_service_that_keeps_an_address_of_no_pool_is_told() {
    let bed = Bed::new();
    bed.kube.apply(&service("argocd", "argocd-server").load_balancer("172.19.0.9"));
    bed.release("deployed", "0.13.11", true);
    bed.workloads(1);
    let answer = bed.metallb("apply --format json").run().exits(0).json();
    let odd = json!([{ "namespace": "argocd", "name": "argocd-server", "why": "it has 172.19.0.9, which is of no pool" }]);
    assert_eq!(answer["misplaced"], odd);
}

#[test]
fn a_profile_without_metallb_is_refused() {
    let bed = Bed::new();
    for verb in ["apply", "status"] {
        let ran = bed.checkout.xtask(["metallb", verb, "--profile", "local"]).run();
        ran.exits(2).stdout("").stderr(
            "error: profile `local` does not say how MetalLB is installed\nhelp: choose one that does: `--profile coder`\n",
        );
    }
}
