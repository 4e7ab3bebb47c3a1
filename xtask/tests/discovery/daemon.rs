//! The daemon that follows the cluster: when there is one, and when it ends.

use std::time::Duration;

use fake_kube::{Fault, Verb};
use serde_json::json;

use crate::coder::{Coder, LIMIT};
use crate::fixture::{processes, wait};

#[test]
fn a_start_that_fails_leaves_everything_as_it_was() {
    let coder = Coder::with_services();
    coder.json(["router", "start"]);
    let ran = coder.call(["router", "start", "--set", "router.ports.https=1"]).run().exits(1).stdout("");
    assert!(ran.errors().contains("`cargo xtask router restart`"), "{}", ran.errors());
    assert!(coder.json(["router", "status"])["watch"]["pid"].is_u64());
    coder.expose("argocd", "127.0.0.2");
    coder.comes_to("argo", Some("127.0.0.2"));
}

#[test]
fn without_watch_nobody_follows_any_more() {
    let coder = Coder::with_services();
    coder.json(["router", "start"]);
    assert_eq!(coder.json(["router", "start", "--no-watch"])["watch"], json!(null));
    let status = coder.call(["router", "status"]).run().exits(0);
    let told = "changes in the cluster are not followed; `cargo xtask router watch` does it\n";
    assert!(status.text().ends_with(told), "{}", status.text());
}

#[test]
fn a_stop_waits_for_the_call_before_it() {
    let coder = Coder::with_services();
    coder.json(["router", "start", "--no-watch"]);
    coder.kube.faults().push(Fault::latency(Duration::from_millis(500)).verb(Verb::List));
    let asked = coder.kube.requests().len();
    let restart = coder.call(["router", "restart", "--set", "router.bind=127.0.0.2"]).spawn();
    coder.kube.wait_for_requests(asked + 1, LIMIT);
    let stopped = coder.json(["router", "stop"]);
    assert!(restart.wait_with_output().unwrap().status.success());
    assert_eq!(stopped["outcome"], "stopped");
    assert_eq!(coder.json(["router", "status"])["running"], json!(false));
}

#[test]
fn a_router_that_was_launched_otherwise_can_be_stopped() {
    let coder = Coder::with_services();
    coder.json(["router", "start", "--set", "route.argo.priority=30"]);
    let profile = coder.platform.root().join("profiles/coder.toml");
    let text = std::fs::read_to_string(&profile).unwrap();
    std::fs::write(&profile, text.replace("name = \"argo\"", "name = \"cd\"")).unwrap();
    let ran = coder.call(["router", "sync"]).run().exits(2).stdout("");
    let told = "error: the profile does not take what the router was started with any more\n";
    assert!(ran.errors().starts_with(told), "{}", ran.errors());
    assert_eq!(coder.json(["router", "stop"])["outcome"], "stopped");
}

#[test]
fn one_daemon_follows_and_ends_with_the_router() {
    let coder = Coder::with_services();
    let start = ["router", "start", "--no-watch"];
    coder.json(start);
    let first = coder.json(["router", "watch"]);
    let again = coder.json(["router", "watch"]);
    assert_eq!(
        (&first["already"], &again["already"], &first["pid"]),
        (&json!(false), &json!(true), &again["pid"])
    );
    let pid = u32::try_from(first["pid"].as_u64().unwrap()).unwrap();
    coder.json(["router", "stop"]);
    wait::until("its end", || processes::ended(pid));
    coder
        .call(["router", "watch"])
        .run()
        .exits(3)
        .stdout("")
        .stderr("error: the router is not running\nhelp: run `cargo xtask router start`\n");
}

#[test]
fn a_start_with_other_backends_is_what_is_followed() {
    let coder = Coder::with_services();
    coder.json(["router", "start"]);
    let argo = format!("argo={}", coder.backends["gitea"]);
    coder.json(["router", "start", "--backend", &argo]);
    coder.expose("gitea", "127.0.0.7");
    coder.comes_to("gitea", Some("127.0.0.7"));
    assert_eq!(coder.backend("argo"), Some(coder.backends["gitea"]));
}

#[test]
fn there_is_nothing_to_follow_without_a_cluster() {
    let coder = Coder::new();
    let ran = coder.platform.xtask(["router", "watch"]).run().exits(2).stdout("");
    ran.stderr(
        "error: profile `local` has no cluster to follow\n\
         help: choose one that has: `--profile coder`\n",
    );
}

#[test]
fn watches_are_few_and_quiet() {
    let coder = Coder::with_services();
    coder.json(["router", "start"]);
    coder.kube.wait_for(LIMIT, |kube| kube.open_watches() == 6);
    let watches = coder.kube.requests().iter().filter(|request| request.verb == Verb::Watch).count();
    assert!(watches <= 12, "{:#?}", coder.kube.requests());
}
