//! `metallb` with the real Helm and the real controller: each service gets an
//! address of its own, and keeps it.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::net::Ipv4Addr;
use std::process::Command;

use serde_json::{Value, json};

use crate::api::Api;
use crate::bed;
use crate::docker::docker;
use crate::own::{made, script};
use crate::processes;
use crate::support::Call;
use crate::wait;
use crate::workspace::Workspace;

const RELEASES: &str = "/api/v1/namespaces/metallb-system/secrets?labelSelector=owner%3Dhelm";
/// Namespaces and services that the profile has pools for, in their order, and one that it has not.
const SERVICES: [(&str, &str); 4] =
    [("argocd", "argocd-server"), ("orch-gateway", "traefik"), ("orch-boots", "ingress"), ("shop", "web")];

fn metallb(workspace: &Workspace, args: &[&str]) -> Call {
    workspace.call(&[&["metallb"], args].concat())
}

fn apply(workspace: &Workspace, args: &[&str]) -> Call {
    let chart = bed::chart();
    metallb(workspace, &[&["apply", "--chart", chart.to_str().unwrap()], args].concat())
}

/// The answer in JSON of `metallb apply`.
#[track_caller]
fn applied(workspace: &Workspace) -> Value {
    apply(workspace, &["--format", "json"]).run().exits(0).json()
}

fn demand(api: &Api) {
    for (namespace, name) in SERVICES {
        let metadata = json!({ "name": namespace });
        api.create(
            "/api/v1/namespaces",
            &json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": metadata }),
        );
        let metadata = json!({ "name": name, "labels": { "app.kubernetes.io/name": name } });
        let spec = json!({ "type": "LoadBalancer", "ports": [{ "port": 443 }] });
        api.create(
            &format!("/api/v1/namespaces/{namespace}/services"),
            &json!({ "apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec }),
        );
    }
}

/// The addresses of the services, where they have some.
fn addresses(api: &Api) -> Vec<String> {
    let address = |(namespace, name): &(&str, &str)| {
        let service = api.try_get(&format!("/api/v1/namespaces/{namespace}/services/{name}")).ok()?;
        Some(service["status"]["loadBalancer"]["ingress"][0]["ip"].as_str()?.to_owned())
    };
    SERVICES.iter().filter_map(address).collect()
}

/// The single addresses of the pools of an answer, that of the rest aside.
#[track_caller]
fn pools(answer: &Value) -> Vec<String> {
    let pools = answer["pools"].as_array().unwrap();
    let names: Vec<&str> = pools.iter().map(|pool| pool["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["argo", "orchestrator", "boots", "rest"]);
    let single = |pool: &Value| {
        let [address] = pool["addresses"].as_array().unwrap().as_slice() else { panic!("{pool}") };
        address.as_str().unwrap().strip_suffix("/32").unwrap().to_owned()
    };
    pools[..3].iter().map(single).collect()
}

/// Asserts that nobody else has these: not the network, nor who is in it.
#[track_caller]
fn assert_free(addresses: &[String]) {
    let network: Value = serde_json::from_str(&docker(["network", "inspect", "kind"])).unwrap();
    let config = network[0]["IPAM"]["Config"].as_array().unwrap();
    let subnet = config.iter().find_map(|it| it["Subnet"].as_str().filter(|it| !it.contains(':'))).unwrap();
    let (base, bits) = subnet.split_once('/').unwrap();
    let first = u32::from(base.parse::<Ipv4Addr>().unwrap());
    let last = first | (u32::MAX >> bits.parse::<u32>().unwrap());
    let mut others = BTreeSet::from([bed::gateway().to_string()]);
    let containers = network[0]["Containers"].as_object().unwrap().values();
    others
        .extend(containers.filter_map(|it| Some(it["IPv4Address"].as_str()?.split_once('/')?.0.to_owned())));
    for address in addresses {
        let number = u32::from(address.parse::<Ipv4Addr>().unwrap());
        assert!(first < number && number < last && !others.contains(address), "{address} of {subnet}");
    }
    assert_eq!(addresses.iter().collect::<BTreeSet<_>>().len(), addresses.len(), "{addresses:?}");
}

/// Asserts that nothing is done when it is asked for again.
#[track_caller]
fn assert_already(workspace: &Workspace, own: &[String]) {
    let again = applied(workspace);
    assert_eq!((&again["chart"]["change"], pools(&again).as_slice()), (&json!("already"), own));
    assert!(again["pools"].as_array().unwrap().iter().all(|pool| pool["change"] == "already"), "{again}");
    let text = apply(workspace, &[]).run().exits(0).stderr("");
    let line = format!("MetalLB {} and its pools are so already\n", bed::chart_version());
    assert!(text.text().starts_with(&line), "{}", text.text());
    apply(workspace, &["--dry-run"]).run().exits(0).stdout("").stderr("");
}

/// Asserts that `metallb status` tells who holds the addresses.
#[track_caller]
fn assert_held(workspace: &Workspace, own: &[String]) {
    let status = workspace.json(&["metallb", "status"]);
    let told = (&status["healthy"], &status["pending"], &status["misplaced"]);
    assert_eq!(told, (&json!(true), &json!([]), &json!([])));
    for (pool, (namespace, name)) in ["argo", "orchestrator", "boots", "rest"].into_iter().zip(SERVICES) {
        let told = status["pools"].as_array().unwrap().iter().find(|it| it["name"] == pool).unwrap();
        assert_eq!(told["holders"], json!([{ "namespace": namespace, "name": name }]), "{pool}");
    }
    let text = metallb(workspace, &["status"]).run().exits(0).stderr("");
    let mut rows = text.text().lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    assert!(rows.any(|row| row == ["argo", &own[0], "argocd/argocd-server"]), "{}", text.text());
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn each_service_gets_an_address_of_its_own_and_keeps_it() {
    let workspace = Workspace::new();
    metallb(&workspace, &["status"]).run().exits(3);
    made(&workspace, &[]);
    let api = workspace.kubernetes();
    demand(&api);
    let absent = metallb(&workspace, &["status", "--format", "json"]).run().exits(3).json();
    assert_eq!((&absent["chart"], &absent["pending"].as_array().unwrap().len()), (&json!(null), &4));

    let steps = apply(&workspace, &["--dry-run"]).run().exits(0).stderr("");
    assert_eq!(steps.text().matches("would apply pool `").count(), 4, "{}", steps.text());
    assert!(api.try_get("/api/v1/namespaces/metallb-system").is_err(), "a dry run has done it");

    let answer = applied(&workspace);
    assert_eq!(answer["chart"], json!({ "version": bed::chart_version(), "change": "installed" }));
    let own = pools(&answer);
    assert_free(&own);
    wait::until("the addresses", || addresses(&api).len() == 4);
    let given = addresses(&api);
    assert_eq!(given[..3], own[..], "not those of their pools");
    assert!(!own.contains(&given[3]), "it has the address of another");

    assert_already(&workspace, &own);
    assert_held(&workspace, &own);

    docker(["restart", &workspace.node()]);
    workspace.json(&["kind", "up"]);
    let after = applied(&workspace);
    assert_eq!(pools(&after), own);
    wait::until("the addresses after the restart", || addresses(&api) == given);
    wait::until("MetalLB to tell of itself", || {
        workspace.call(&["metallb", "status", "--format", "json"]).run().json()["healthy"] == true
    });
}

/// Has a Helm killed at its work: one that waits for what does not become ready.
#[track_caller]
fn kill_helm(workspace: &Workspace, api: &Api) {
    let node = workspace.node();
    let bin = workspace.root().join("bin");
    let wait = "case $1 in upgrade) set -- \"$@\" --wait ;; esac";
    script(&bin.join("helm"), &format!("{wait}\nexec '{}' \"$@\"", bed::helm().display()));
    let path: OsString = [bin.into_os_string(), ":".into(), bed::path()].into_iter().collect();
    docker(["exec", &node, "killall", "-STOP", "stand-ins"]);
    let mut call = apply(workspace, &[]).env("PATH", &path).spawn();
    let is_pending = || {
        let releases = api.try_get(RELEASES).unwrap_or_default();
        releases["items"][0]["metadata"]["labels"]["status"] == "pending-install"
    };
    wait::until("Helm at its work", is_pending);
    workspace.processes().into_iter().for_each(processes::kill);
    call.wait().unwrap();
    docker(["exec", &node, "killall", "-CONT", "stand-ins"]);
    assert!(is_pending(), "Helm has come to its end");
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn a_release_that_is_stuck_is_mended() {
    let workspace = Workspace::new();
    made(&workspace, &[]);
    kill_helm(&workspace, &workspace.kubernetes());
    metallb(&workspace, &["status"]).run().exits(3);
    let ran = apply(&workspace, &[]).run().exits(0);
    let told = "Helm was interrupted at its work (`pending-install`)";
    assert!(ran.errors().contains(told), "{}", ran.errors());
    assert_eq!(workspace.json(&["metallb", "status"])["healthy"], json!(true));
    assert_eq!(applied(&workspace)["chart"]["change"], "already");
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn a_release_of_somebody_else_is_used_if_it_will_do() {
    let workspace = Workspace::new();
    made(&workspace, &[]);
    helm(&workspace, &["install", "metallb", bed::chart().to_str().unwrap(), "--create-namespace"]);
    let api = workspace.kubernetes();
    let revisions = || {
        let releases = api.get(RELEASES);
        let names = releases["items"].as_array().unwrap().iter().map(|it| it["metadata"]["name"].clone());
        names.collect::<Vec<_>>()
    };
    let before = revisions();
    let ran = apply(&workspace, &["--set", "metallb.version=99.0.0"]).run().exits(5).stdout("");
    assert!(ran.errors().contains("99.0.0 or newer is needed"), "{}", ran.errors());
    let ran = apply(&workspace, &["--format", "json"]).run().exits(0);
    let told = "which somebody else installed as release `metallb` of Helm";
    assert!(ran.errors().contains(told), "{}", ran.errors());
    assert_eq!(ran.json()["chart"]["change"], "foreign");
    assert_free(&pools(&ran.json()));
    let status = workspace.json(&["metallb", "status"]);
    assert_eq!((&status["chart"]["ours"], &status["healthy"]), (&json!(false), &json!(true)));
    assert_eq!(revisions(), before, "it was touched");
}

/// Helm, used by somebody who does not know of us.
#[track_caller]
fn helm(workspace: &Workspace, args: &[&str]) {
    let mut helm: Command = bed::command(&bed::helm());
    helm.args(args).args(["--namespace", "metallb-system", "--wait", "--kubeconfig"]);
    let output =
        helm.arg(workspace.state("kubeconfig")).env("HELM_CACHE_HOME", workspace.home()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
