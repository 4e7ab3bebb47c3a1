//! `bench router`.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use snapbox::str;

use crate::support::{Call, Checkout, heard};
use crate::{descendants, names, short, take_turn, wait_for_the_end_of};

/// What is compared, as far as it is there.
const ROUTERS: [&str; 4] = ["xtask", "haproxy", "nginx", "traefik"];

fn state() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(".xtask/bench.router")
}

fn bench(checkout: &Checkout, folders: impl IntoIterator<Item = PathBuf>) -> Call {
    short(checkout, "router", folders)
}

/// A folder of programs with the names of other routers, that end at once.
fn broken_routers(checkout: &Checkout) -> PathBuf {
    for router in &ROUTERS[1..] {
        let path = format!("bin/{router}");
        checkout.write(&path, "#!/bin/sh\ntest \"$1\" != version || { echo 3.7.15; exit; }\necho broken\n");
        fs::set_permissions(checkout.root().join(path), fs::Permissions::from_mode(0o755)).unwrap();
    }
    checkout.root().join("bin")
}

#[test]
fn a_dry_run_starts_nothing() {
    let checkout = Checkout::new();
    let broken = broken_routers(&checkout);
    let path = format!("{}:{}", broken.display(), env::var("PATH").unwrap());
    let ran = checkout.xtask(["bench", "router", "--quick", "--dry-run"]).env("PATH", path).run().exits(0);
    ran.stderr("").stdout(str![[r"
would run `cargo build --release --package bench`
would run `cargo run --quiet --release --package bench -- --names [ROOT]/.xtask/bench.router/names --quick`
would start this program's own router on a free port of 127.0.0.1
would write `[ROOT]/.xtask/bench.router/haproxy.cfg`
would write `[ROOT]/.xtask/bench.router/haproxy.map`
would run `[ROOT]/bin/haproxy -db -f haproxy.cfg`
would write `[ROOT]/.xtask/bench.router/nginx.conf`
would run `[ROOT]/bin/nginx -p . -e stderr -g 'daemon off;' -c nginx.conf`
would write `[ROOT]/.xtask/bench.router/traefik.yml`
would write `[ROOT]/.xtask/bench.router/routes.yml`
would run `[ROOT]/bin/traefik --configfile=traefik.yml`
would end them all and remove `[ROOT]/.xtask/bench.router`

"]]);
    assert!(!checkout.root().join(".xtask").exists());
}

#[test]
fn rounds_are_bounded() {
    let ran = Checkout::new().xtask(["bench", "router", "--rounds", "101"]).run().exits(2);
    assert!(ran.errors().contains("1..=100"), "{}", ran.errors());
}

/// Our own router is measured wherever the tests are run.
#[test]
fn routers_that_do_not_start_are_left_out() {
    let _turn = take_turn();
    let checkout = Checkout::new();
    let answer = bench(&checkout, [broken_routers(&checkout)]).run().exits(0).json();
    assert_eq!(names(&answer["targets"], "name"), ["direct", "xtask"]);
    assert_eq!(names(&answer["left_out"], "router"), ROUTERS[1..]);
    assert_eq!(names(&answer["left_out"], "reason"), ["broken"; 3]);
    assert!(names(&answer["left_out"], "get")[1].contains("libnginx-mod-stream"));
    assert!(!state().exists());
}

#[test]
#[ignore = "needs haproxy, nginx and traefik; run by `cargo xtask test`"]
fn every_router_serves_the_same_table() {
    let _turn = take_turn();
    let checkout = Checkout::new();
    let provided =
        ROUTERS.iter().filter_map(|name| env::var_os(format!("XTASK_TEST_{}", name.to_uppercase())));
    let folders: Vec<PathBuf> =
        provided.filter_map(|path| Some(PathBuf::from(path).parent()?.to_owned())).collect();
    let answer = bench(&checkout, folders).run().exits(0).json();
    assert_eq!((&answer["schema"], &answer["command"]), (&json!(1), &json!("bench router")));
    assert_eq!((&answer["hosts"], &answer["rounds"]), (&json!(36), &json!(1)));
    assert_eq!(answer["left_out"], json!([]));
    assert_eq!(names(&answer["targets"], "name"), [&["direct"][..], &ROUTERS].concat());
    for target in answer["targets"].as_array().unwrap() {
        let metrics = target["metrics"].as_object().unwrap();
        assert_eq!(metrics.len(), 5, "{target:#}");
        assert!(metrics.values().all(|series| series["figure"]["median"].as_f64() > Some(0.0)), "{target:#}");
        let start = target["memory"]["start_bytes"].as_f64();
        assert_eq!(start > Some(0.0), target["name"] != "direct", "{target:#}");
    }
    assert!(!state().exists());
}

#[test]
#[ignore = "builds the load generator; run by `cargo xtask test`"]
fn an_interrupt_leaves_nothing() {
    let _turn = take_turn();
    let checkout = Checkout::new();
    let mut child = bench(&checkout, []).spawn();
    let mut lines = heard(&mut child);
    assert!(lines.any(|line| line.contains("round 1 of 1")));
    let ours = descendants(child.id());
    assert!(ours.len() >= 3, "the program, the generator and a router: {ours:?}");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let rest: Vec<String> = lines.collect();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest:?}");
    assert!(!state().exists());
    wait_for_the_end_of(&ours);
}
