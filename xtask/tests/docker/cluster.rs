//! The router by what a cluster tells, from its discovery to its stop.

use std::io::{BufRead as _, BufReader, ErrorKind};
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Mutex};
use std::thread;

use fake_kube::Verb;
use rustix::process::Signal;
use serde_json::json;

use crate::cluster_bed::Bed;
use crate::cluster_load;
use crate::docker::Foreign;
use crate::processes;
use crate::router::{Compose, free_port};
use crate::services;
use crate::wait;
use crate::watch;

const ARGO: &str = "argo.kind.internal";
/// As many names as anybody lists.
const MANY: usize = 5000;

pub fn starts_and_leaves_nothing(compose: Compose) {
    let bed = Bed::new(compose);
    let point = format!("--entryPoints.theirs.address={}", free_port());
    let other = Foreign::run(&[], &[&point]);
    let before = other.state();
    let started = bed.json(&["router", "start"]);
    assert_eq!(started["change"], "started");
    bed.assert_proven(&started);
    let client = bed.router.client();
    for (host, route) in [
        (ARGO, "argo"),
        ("gitea.kind.internal", "gitea"),
        ("web-ui.kind.internal", "orchestrator"),
        ("unknown.invalid", "boots"),
    ] {
        assert_eq!(bed.ask(&client, host).unwrap(), route, "{host}");
    }
    assert_eq!(client.ask(bed.router.raw, None).unwrap(), "edge");
    let again = bed.json(&["router", "start"]);
    assert_eq!((&again["change"], &again["watch"]), (&json!("already"), &started["watch"]));

    bed.call(&["router", "stop"]).run().exits(0).stdout("the router has stopped\n");
    bed.assert_gone();
    assert_eq!(other.state(), before);
    let asked = bed.kube.requests();
    assert!(asked.iter().all(|request| request.verb.is_read()), "{asked:#?}");
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn an_address_that_changes_under_load_loses_no_connection() {
    let bed = Bed::new(Compose::V2);
    let (client, _other) = (bed.router.client(), bed.other("argo", "127.0.0.2", "other"));
    bed.json(&["router", "start"]);
    let load = cluster_load::during(&client, bed.router.https, ARGO, || {
        for (ip, name) in [("127.0.0.2", "other"), ("127.0.0.1", "argo")].repeat(3) {
            bed.expose("argocd", Some(ip));
            bed.comes_to(&client, ARGO, name);
        }
    });
    let lost: Vec<_> = load.asked.iter().filter_map(|answer| answer.as_ref().err()).collect();
    assert!(lost.is_empty(), "{} of {} lost: {:?}", lost.len(), load.asked.len(), lost[0]);
    for name in ["argo", "other"] {
        assert!(load.asked.iter().any(|answer| answer.as_deref() == Ok(name)), "nobody reached {name}");
    }
    // Each is where it was at the beginning.
    assert!(load.stayed.iter().all(|answer| answer.as_deref() == Ok("argo")), "{:?}", load.stayed);
    let status = watch::told_of(6, || bed.router.status());
    assert_eq!(status["container"]["restarts"], 0);
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn an_address_that_vanishes_closes_its_route() {
    let bed = Bed::new(Compose::V2);
    let client = bed.router.client();
    bed.json(&["router", "start"]);
    let gitea = "gitea.kind.internal";
    let open = client.shake_hands(bed.router.https, Some(gitea)).unwrap();
    bed.expose("gitea", None);
    wait::until("the route to be closed", || bed.ask(&client, gitea).is_err());
    // Nobody else answers in its place, and the others go on.
    let kind = bed.ask(&client, gitea).unwrap_err().kind();
    assert!(matches!(kind, ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset), "{kind}");
    assert_eq!(bed.ask(&client, ARGO).unwrap(), "argo");
    let pending = &bed.router.status()["watch"]["pending"];
    let why = "service `gitea/gitea-http`: its load balancer has no address yet";
    assert_eq!(*pending, json!([{ "route": "gitea", "why": why }]));
    let shown = bed.call(&["router", "status"]).run().exits(0);
    assert!(shown.text().contains(&format!("route `gitea` is absent: {why}\n")), "{}", shown.text());
    assert_eq!(open.finish().unwrap(), "gitea", "a change of routes keeps what is open");
    bed.expose("gitea", Some("127.0.0.1"));
    bed.comes_to(&client, gitea, "gitea");
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn a_long_list_of_hosts_is_served_and_changed() {
    let bed = Bed::new(Compose::V2);
    let client = bed.router.client();
    let list = |prefix: &str| {
        let names: Vec<String> = (0..MANY).map(|number| format!("{prefix}-{number}")).collect();
        // JSON is YAML.
        json!(names).to_string()
    };
    bed.kube.apply(&services::host_list(&list("old")));
    bed.assert_proven(&bed.json(&["router", "start"]));
    let [old, new] = ["old", "new"].map(|prefix| format!("{prefix}-{}.kind.internal", MANY - 1));
    for (host, route) in [(&old, "orchestrator"), (&new, "boots")] {
        assert_eq!(bed.ask(&client, host).unwrap(), route, "{host}");
    }
    bed.kube.apply(&services::host_list(&list("new")));
    bed.comes_to(&client, &new, "orchestrator");
    assert_eq!(bed.ask(&client, &old).unwrap(), "boots");
    assert_eq!(bed.json(&["router", "sync"])["change"], "already");
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn the_embedded_engine_gives_way_to_traefik_and_back() {
    let bed = Bed::new(Compose::V2);
    let client = bed.router.client();
    let started = bed.json(&["router", "start", "--engine", "embedded"]);
    assert_eq!((&started["absent"], bed.router.containers().len()), (&json!([]), 0));
    assert_eq!(bed.ask(&client, ARGO).unwrap(), "argo");
    bed.call(&["router", "start", "--engine", "traefik"]).run().exits(1).stdout("").stderr(
        "error: the router was started with the engine `embedded`, and `traefik` is asked for\n\
         help: run `cargo xtask router restart --engine traefik`; open connections will be drained\n",
    );
    let open = client.shake_hands(bed.router.https, Some(ARGO)).unwrap();
    let restart =
        bed.call(&["router", "restart", "--engine", "traefik", "--drain", "1h", "--format", "json"]);
    let restart = restart.spawn();
    // It waits for those that are open.
    wait::until("the listener to close", || client.ask(bed.router.https, Some(ARGO)).is_err());
    assert_eq!(open.finish().unwrap(), "argo");
    let output = restart.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    bed.assert_proven(&serde_json::from_slice(&output.stdout).unwrap());
    assert_eq!(bed.router.status()["engine"], "traefik");
    let _other = bed.other("argo", "127.0.0.2", "other");
    bed.expose("argocd", Some("127.0.0.2"));
    bed.comes_to(&client, ARGO, "other");

    bed.json(&["router", "restart", "--engine", "embedded"]);
    assert_eq!(
        (bed.router.containers().len(), bed.router.status()["engine"].clone()),
        (0, json!("embedded"))
    );
    assert_eq!(bed.ask(&client, ARGO).unwrap(), "other");
    bed.call(&["router", "stop"]).run().exits(0);
    bed.assert_gone();
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn two_workspaces_do_not_touch_each_other() {
    let (one, two) = (Bed::new(Compose::V2), Bed::new(Compose::V2));
    let (client, other) = (two.router.client(), one.router.client());
    one.json(&["router", "start"]);
    let started = two.json(&["router", "start"]);
    two.assert_proven(&started);
    let containers = two.router.containers();
    let open = client.shake_hands(two.router.https, Some(ARGO)).unwrap();
    assert_eq!(one.ask(&other, ARGO).unwrap(), "argo");
    one.call(&["router", "stop"]).run().exits(0).stdout("the router has stopped\n");
    one.assert_gone();
    assert_eq!(two.router.containers(), containers);
    let _moved = two.other("argo", "127.0.0.2", "other");
    two.expose("argocd", Some("127.0.0.2"));
    two.comes_to(&client, ARGO, "other");
    assert_eq!(two.router.status()["watch"]["pid"], started["watch"]);
    assert_eq!(open.finish().unwrap(), "argo");
}

/// Kills a start as soon as what it has said, or what there is, `is_time`.
fn kill(start: &mut Child, is_time: impl Fn(&str) -> bool) -> ExitStatus {
    let said = Arc::new(Mutex::new(String::new()));
    let (lines, heard) = (BufReader::new(start.stderr.take().unwrap()).lines(), Arc::clone(&said));
    // What it has started may say more than itself.
    thread::spawn(move || {
        lines.map_while(Result::ok).for_each(|line| *heard.lock().unwrap() += &(line + "\n"));
    });
    wait::until("the time to kill", || is_time(&said.lock().unwrap()));
    processes::signal(start.id(), Signal::KILL);
    start.wait().unwrap()
}

pub fn a_start_that_was_killed_is_healed(compose: Compose) {
    let bed = Bed::new(compose);
    let root = bed.router.checkout.root();
    let moments: [&dyn Fn(&str) -> bool; 5] = [
        &|_| bed.kube.requests().iter().any(|request| request.verb == Verb::List),
        &|_| root.join(".xtask/coder/router.json").exists(),
        &|said| said.contains("up --detach"),
        &|_| !bed.router.containers().is_empty(),
        &|_| !processes::daemons(root).is_empty(),
    ];
    for (moment, is_time) in moments.iter().enumerate() {
        let status = kill(&mut bed.call(&["router", "start"]).spawn(), is_time);
        // At the last moment it may have ended by itself.
        assert!(!status.success() || moment == moments.len() - 1, "moment {moment}: {status}");
        bed.assert_proven(&bed.json(&["router", "start"]));
        assert_eq!(bed.ask(&bed.router.client(), ARGO).unwrap(), "argo");
        bed.call(&["router", "stop"]).run().exits(0);
        bed.assert_gone();
    }
}
