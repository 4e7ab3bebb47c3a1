//! `bench router-start`.

use std::env;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use snapbox::str;

use crate::fixture::NO_PROCESS;
use crate::fixture::processes::daemons;
use crate::support::{Call, Checkout, heard};
use crate::{descendants, names, short, take_turn, wait_for_the_end_of};

/// The workspace of `bench router-start`.
fn inner_workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(".xtask/bench.router-start/workspace")
}

/// `bench router-start` where no Docker answers.
fn start_without_docker(checkout: &Checkout) -> Call {
    short(checkout, "router-start", []).env("DOCKER_HOST", "unix:///nonexistent/docker.sock")
}

/// What was measured, by name and engine. Each figure is one of a clock, and
/// lies between the least and the most.
#[track_caller]
fn measured(answer: &Value) -> Vec<(&str, &str)> {
    let figure = |value: &Value| value.as_f64().unwrap();
    let is_sane = |summary: &Value| {
        let [min, median, max] = ["min", "median", "max"].map(|key| figure(&summary[key]));
        0.0 < min && min <= median && median <= max
    };
    let measurements = answer["measurements"].as_array().unwrap();
    for measurement in measurements {
        assert!(is_sane(&measurement["seconds"]), "{measurement:#}");
        assert!(measurement["all"].as_array().unwrap().iter().all(|it| figure(it) > 0.0), "{measurement:#}");
        let compared = measurement["compared"].as_array().unwrap();
        assert!(!compared.is_empty(), "{measurement:#}");
        assert!(
            compared.iter().all(|it| is_sane(&it["seconds"]) && is_sane(&it["ratio"])),
            "{measurement:#}"
        );
    }
    measurements
        .iter()
        .map(|it| (it["name"].as_str().unwrap(), it["engine"].as_str().unwrap_or("")))
        .collect()
}

#[test]
fn a_dry_run_of_router_start_starts_nothing() {
    let checkout = Checkout::new();
    let ran = checkout.xtask(["bench", "router-start", "--dry-run"]).run().exits(0).stderr("");
    ran.stdout(str![[r"
would run `cargo build --workspace --example kubernetes --message-format json`
would start a Kubernetes API and the stand-ins of the profile `local` on free ports of 127.0.0.1
would look the services up 5 times, with a latency of 2s
would start and stop the router with either engine 5 times, and change an address
would end them all and remove `[ROOT]/.xtask/bench.router-start`

"]]);
    assert!(!checkout.root().join(".xtask").exists());
}

/// The embedded engine is measured wherever the tests are run.
#[test]
fn without_docker_traefik_is_left_out() {
    let _turn = take_turn();
    let checkout = Checkout::new();
    let answer = start_without_docker(&checkout).run().exits(0).json();
    assert_eq!(measured(&answer), [("discovery", ""), ("start", "embedded"), ("change", "embedded")]);
    assert_eq!(names(&answer["left_out"], "engine"), ["traefik"]);
    let reason = names(&answer["left_out"], "reason")[0];
    assert_eq!(reason, "Docker does not answer at `unix:///nonexistent/docker.sock`");
    assert!(!inner_workspace().parent().unwrap().exists());
}

#[test]
#[ignore = "needs Docker with the router's image; run by `cargo xtask test`"]
fn both_engines_start_and_follow() {
    let _turn = take_turn();
    let checkout = Checkout::new();
    let compose = PathBuf::from(env::var_os("XTASK_TEST_COMPOSE_V1").unwrap());
    let call = short(&checkout, "router-start", [compose.parent().unwrap().to_owned()]);
    let docker = env::var_os("DOCKER_HOST").unwrap_or_default();
    let answer = call.env("DOCKER_HOST", docker).run().exits(0).json();
    assert_eq!((&answer["schema"], &answer["command"]), (&json!(1), &json!("bench router-start")));
    assert_eq!((&answer["rounds"], &answer["latency"]), (&json!(1), &json!(0.2)));
    assert_eq!(answer["left_out"], json!([]));
    let engines = ["embedded", "traefik"].map(|engine| [("start", engine), ("change", engine)]);
    assert_eq!(measured(&answer), [&[("discovery", "")][..], &engines.concat()].concat());
    assert!(!inner_workspace().parent().unwrap().exists());
}

#[test]
fn an_interrupt_of_router_start_leaves_nothing() {
    let _turn = take_turn();
    let checkout = Checkout::new();
    let mut child = start_without_docker(&checkout).spawn();
    let mut lines = heard(&mut child);
    assert!(lines.any(|line| line.contains("round 1 of 1")));
    let ours = descendants(child.id());
    assert!(!daemons(&inner_workspace()).is_empty(), "the stand-ins run");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let rest: Vec<String> = lines.collect();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest:?}");
    assert!(!inner_workspace().parent().unwrap().exists());
    assert_eq!(daemons(&inner_workspace()), NO_PROCESS);
    wait_for_the_end_of(&ours);
}
