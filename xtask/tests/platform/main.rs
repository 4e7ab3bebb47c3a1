//! `up`, `down` and `status` of the profile `local`.
#![allow(clippy::unwrap_used, reason = "tests panic")]

#[path = "../fixture/mod.rs"]
mod fixture;
#[path = "../support/mod.rs"]
mod support;

mod terminal;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use fixture::client::Client;
use fixture::connection::is_refused;
use fixture::{NO_PROCESS, Platform, STAND_INS, address, files, processes, wait};

/// The names that an orchestrator serves, under its domain.
const LABELS: &str = "alerting-monitor api app-orch app-service-proxy attest-node cluster-orch-edge-node \
    cluster-orch-node connect-gateway device-manager-node fleet infra-node keycloak log-query \
    logs-node metadata metrics-node mps mps-wss observability-admin observability-ui onboarding-node \
    onboarding-stream registry registry-oci release rps rps-wss telemetry-node tinkerbell-server \
    update-node vault vnc web-ui ws-app-service-proxy";

fn hosts() -> impl Iterator<Item = String> {
    let below = LABELS.split_whitespace().map(|label| format!("{label}.local.internal"));
    ["local.internal".to_owned()].into_iter().chain(below)
}

/// What each client on each listener must see: the route, for which the
/// certificate's subject is named, or `closed`.
fn expected() -> BTreeMap<(String, String), String> {
    let host = |name: &str| json!({ "host": name }).to_string();
    let mut https: Vec<_> = hosts().map(|name| (host(&name), "orchestrator")).collect();
    https.extend([
        (host("fake.host"), "orchestrator"),
        (host("argo.local.internal"), "argo"),
        (host("argocd.local.internal"), "argo"),
        (host("gitea.local.internal"), "gitea"),
        (json!({ "unknown_host": "unknown.invalid" }).to_string(), "boots"),
        (json!("no_sni").to_string(), "boots"),
        (json!("plain_text").to_string(), "closed"),
    ]);
    let on =
        |point: &str, client: &str, route: &str| ((point.to_owned(), client.to_owned()), route.to_owned());
    let both = |(client, route): &(String, &str)| {
        let raw = if *route == "closed" { "closed" } else { "edge" };
        [on("https", client, route), on("raw", client, raw)]
    };
    https.iter().flat_map(both).collect()
}

/// What a check saw, in the form of [`expected`].
#[track_caller]
fn seen(check: &Value) -> BTreeMap<(String, String), String> {
    let row = |row: &Value| {
        assert_eq!(row["right"], json!(true), "{row:#}");
        let route = if row["seen"] == "closed" { &Value::Null } else { &row["seen"] };
        assert_eq!(&row["route"], route, "{row:#}");
        let client = (row["entry_point"].as_str().unwrap().to_owned(), row["client"].to_string());
        (client, row["seen"].as_str().unwrap().to_owned())
    };
    check["rows"].as_array().unwrap().iter().map(row).collect()
}

#[test]
fn up_and_status_show_every_host_reaching_its_service() {
    let (platform, up) = Platform::up();
    assert_eq!((&up["schema"], &up["command"]), (&json!(1), &json!("up")));
    assert_eq!(up["profile"], json!({ "name": "local", "source": "default" }));
    assert_eq!(seen(&up["check"]), expected());
    let status = platform.json(["status"]);
    assert_eq!(status["state"], "up");
    assert_eq!(seen(&status["check"]), expected());
    let check = platform.json(["router", "check"]);
    assert_eq!((seen(&check), &check["wrong"]), (expected(), &json!(0)));
}

#[test]
fn a_client_that_verifies_certificates_reaches_every_service() {
    let (platform, _) = Platform::up();
    let client = Client::trusting(&platform.state("ca.pem"));
    let (https, raw) = (platform.listener("https"), platform.listener("raw"));
    for host in hosts().chain(["fake.host".to_owned()]) {
        assert_eq!(client.get(https, &host), "orchestrator: stand-in for orch-gateway/traefik\n", "{host}");
    }
    let forge = "a Git server for releases, to be read\n";
    let argo = "argo: stand-in for argocd/argocd-server\n";
    let boots = "boots: stand-in for orch-boots/ingress-haproxy-kubernetes-ingress\n";
    assert_eq!(client.get(https, "argo.local.internal"), argo);
    assert_eq!(client.get(https, "argocd.local.internal"), argo);
    assert_eq!(client.get(https, "gitea.local.internal"), forge);
    assert_eq!(client.get(https, "boots.local.internal"), boots);
    assert_eq!(client.get(raw, "edge.local.internal"), "edge: stand-in for orch-gateway/traefik\n");
}

#[test]
fn up_twice_changes_nothing() {
    let (platform, first) = Platform::up();
    let before = (processes::daemons(platform.root()), platform.listener("https"), platform.listener("raw"));
    let second = platform.json(["up"]);
    assert_eq!(seen(&first["check"]), seen(&second["check"]));
    let backends = |up: &Value| {
        let rows = up["check"]["rows"].as_array().unwrap().iter();
        rows.map(|row| row["backend"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(backends(&first), backends(&second));
    let after = (processes::daemons(platform.root()), platform.listener("https"), platform.listener("raw"));
    assert_eq!(before, after);
    let made = second["stages"].as_array().unwrap().iter().filter(|stage| stage["outcome"] != "already");
    let made: BTreeSet<_> = made.map(|stage| stage["name"].as_str().unwrap()).collect();
    assert_eq!(made, ["clone", "routes"].into(), "what proves that it works is done again");
}

#[test]
fn status_and_down_of_a_fresh_checkout() {
    let platform = Platform::new();
    let before = files::below(platform.root());
    let nothing = "profile: local, the default\nnothing runs; `cargo xtask up` brings it up\n";
    platform.xtask(["status"]).run().exits(0).stdout(nothing).stderr("");
    platform.xtask(["router", "status"]).run().exits(0).stdout("the router is not running\n").stderr("");
    let none = "error: the router is not running\nhelp: run `cargo xtask router start`\n";
    platform.xtask(["router", "check"]).run().exits(3).stdout("").stderr(none);
    assert_eq!(files::below(platform.root()), before);
    platform
        .xtask(["down", "-q"])
        .run()
        .exits(0)
        .stdout("profile `local` is down: nothing is left\n")
        .stderr("");
}

#[test]
fn status_where_nothing_of_it_runs_here() {
    let platform = Platform::new();
    for profile in ["onprem", "aws"] {
        let said = "profile: [..], from --profile\nnothing of it runs on this machine; \
                    `cargo xtask router status` shows its addresses\n";
        platform.xtask(["status", "--profile", profile]).run().exits(0).stdout(said).stderr("");
    }
}

#[test]
fn down_leaves_nothing() {
    let (platform, up) = Platform::up();
    let pids = processes::daemons(platform.root());
    assert_eq!(pids.len(), STAND_INS.len() + 1);
    let (https, raw) = (platform.listener("https"), platform.listener("raw"));
    let mut backends: Vec<_> = up["check"]["rows"].as_array().unwrap().iter().collect();
    backends.retain(|row| !row["backend"].is_null());
    platform
        .xtask(["down", "-q"])
        .run()
        .exits(0)
        .stdout("profile `local` is down: nothing is left\n")
        .stderr("");
    assert_eq!(processes::daemons(platform.root()), NO_PROCESS);
    wait::until("the processes to end", || pids.iter().copied().all(processes::ended));
    assert!(is_refused(https) && is_refused(raw));
    assert!(backends.iter().all(|row| is_refused(address(&row["backend"]))));
    let left: Vec<_> = files::below(&platform.root().join(".xtask")).into_keys().collect();
    assert!(left.is_empty(), "{left:?}");
    platform
        .xtask(["down", "-q"])
        .run()
        .exits(0)
        .stdout("profile `local` is down: nothing is left\n")
        .stderr("");
}

#[test]
fn dry_runs_change_nothing() {
    let dry = [
        vec!["up"],
        vec!["down"],
        vec!["router", "start"],
        vec!["router", "start", "--backend", "argo=127.0.0.1:9"],
        vec!["router", "stop"],
        vec!["router", "restart"],
    ];
    let dry = || dry.iter().map(|target| target.iter().copied().chain(["--dry-run"]));
    let platform = Platform::new();
    let fresh = files::below(platform.root());
    dry().for_each(|args| drop(platform.xtask(args).run().exits(0)));
    assert_eq!(files::below(platform.root()), fresh);
    platform.json(["up"]);
    let running = (files::below(platform.root()), processes::daemons(platform.root()));
    dry().for_each(|args| drop(platform.xtask(args).run().exits(0)));
    assert_eq!((files::below(platform.root()), processes::daemons(platform.root())), running);
}

#[test]
fn what_a_dry_run_says() {
    let platform = Platform::new();
    platform.xtask(["up", "--dry-run"]).run().exits(0).stderr("").stdout(snapbox::str![[r"
would write `.xtask/local/ca.pem` and a certificate and key for each route (stage `certificates`)
would start `xtask daemon stand-in --name argo` in the place of argocd/argocd-server (stage `argo`)
would make the repository `.xtask/local/repositories/argocd/edge-manageability-framework.git`, if it is not there (stage `gitea`)
would start `xtask daemon forge --name gitea`, which serves it over HTTP and TLS (stage `gitea`)
would write `.xtask/local/tarball/cloudFull_edge-manageability-framework_0.1.0-sample.tgz` of `release-sample` (stage `tarball`)
would commit the files of `.xtask/local/tarball/cloudFull_edge-manageability-framework_0.1.0-sample.tgz` on `main` (stage `seed`)
would clone `main` with `git`, and compare the files with what was committed (stage `clone`)
would start `xtask daemon stand-in --name orchestrator` in the place of orch-gateway/traefik (stage `orchestrator`)
would start `xtask daemon stand-in --name boots` in the place of orch-boots/ingress-haproxy-kubernetes-ingress (stage `boots`)
would start `xtask daemon router` on a free port of 127.0.0.1 (https) and a free port of 127.0.0.1 (raw) (stage `router`)
would make a TLS handshake for every host through every listener (stage `routes`)

"]]);
    platform.json(["up"]);
    platform.xtask(["down", "--dry-run"]).run().exits(0).stderr("").stdout(snapbox::str![[r"
would stop `argo`
would stop `boots`
would stop `gitea`
would stop `orchestrator`
would stop `router`
would remove `.xtask/local`

"]]);
}
