//! Bad input and faults of the machine: a clear error, and nothing half-done.
#![allow(clippy::unwrap_used, reason = "tests panic")]

mod fixture;
mod support;

use std::fs;

use fixture::connection::Service;
use fixture::{EMBEDDED, NO_PROCESS, Platform, files, processes};

/// `router start` in a fresh checkout fails and leaves no process.
#[track_caller]
fn start_fails(args: &[&str], status: i32, stderr: &str) {
    let platform = Platform::new();
    let start = ["router", "start"].into_iter().chain(args.iter().copied());
    platform.xtask(start).run().exits(status).stdout("").stderr(stderr.to_owned());
    assert_eq!(processes::daemons(platform.root()), NO_PROCESS);
}

#[test]
fn a_taken_port_names_its_holder() {
    let service = Service::new();
    let (address, port) = (service.address(), service.address().port());
    let name = fs::read_to_string("/proc/self/comm").unwrap();
    let (pid, name) = (std::process::id(), name.trim());
    let stderr = format!(
        "error: cannot listen on `{address}`: process {pid} (`{name}`) has the port\n\
         cause: Address already in use (os error 98)\n\
         help: end that process, or choose another port: `--set router.ports.https=8443`\n"
    );
    start_fails(&["--set", &format!("router.ports.https={port}")], 3, &stderr);
}

#[test]
fn an_address_of_another_machine() {
    start_fails(
        &["--set", "router.bind=192.0.2.1"],
        3,
        "error: `192.0.2.1` is not an address of this machine\n\
         cause: Cannot assign requested address (os error 99)\n\
         help: choose with `--set router.bind=…`; there are: [..]lo 127.0.0.1[..]\n",
    );
}

#[test]
fn an_interface_that_does_not_exist() {
    start_fails(
        &["--set", "router.bind=nosuch0"],
        3,
        "error: there is no network interface `nosuch0` with an address\n\
         help: name one address: `--set router.bind=ADDRESS`; there are: [..]lo 127.0.0.1[..]\n",
    );
}

#[test]
fn backends_that_cannot_be_dialled() {
    let help = "help: write `--backend ROUTE=ADDRESS[:PORT]`, such as `--backend argo=172.18.255.20`\n";
    for (backend, why) in [
        ("argo=0.0.0.0", "`0.0.0.0` is the unspecified address: it names no machine"),
        ("argo=127.0.0.1:0", "port 0 cannot be dialled"),
    ] {
        start_fails(&["--backend", backend], 2, &format!("error: `--backend {backend}`: {why}\n{help}"));
    }
}

#[test]
fn a_route_that_does_not_exist() {
    start_fails(
        &["--backend", "arog=127.0.0.1:443"],
        2,
        "error: profile `local` has no route `arog`; did you mean `argo`?\n[..]",
    );
}

#[test]
fn a_profile_that_does_not_exist() {
    let help = "help: choose one of `aws`, `coder`, `local`, `onprem`\n";
    for target in ["up", "down", "status"] {
        let platform = Platform::new();
        let stderr = format!("error: there is no profile `lcoal`; did you mean `local`?\n{help}");
        platform.xtask([target, "--profile", "lcoal"]).run().exits(2).stdout("").stderr(stderr);
        assert!(!platform.root().join(".xtask").exists());
    }
}

#[test]
fn a_key_that_does_not_exist() {
    let platform = Platform::new();
    let up = platform.xtask(["up", "--set", "router.bnid=127.0.0.1"]).run().exits(2).stdout("");
    assert!(up.errors().contains("`router.bnid`") || up.errors().contains("`bnid`"), "{}", up.errors());
    assert!(up.errors().contains("`bind`"), "{}", up.errors());
    assert!(!platform.root().join(".xtask").exists());
}

#[test]
fn a_route_to_the_router_itself() {
    let loops = |route: &str, to: &str| {
        format!(
            "error: route `{route}` cannot go to `{to}`\n\
             cause: `{to}` is this router's own listener `{to}`: connections would loop\n\
             help: name the service behind it: `--backend {route}=ADDRESS`\n"
        )
    };
    let address = Service::new().address().to_string();
    let (port, backend) = (address.rsplit_once(':').unwrap().1, format!("argo={address}"));
    let fixed = format!("router.ports.https={port}");
    start_fails(&["--set", &fixed, "--backend", &backend], 2, &loops("argo", &address));

    let platform = Platform::new();
    platform.json(["router", "start"]);
    let raw = platform.listener("raw").to_string();
    let before = platform.json(["router", "status"])["table"].clone();
    let start = ["router", "start", "--backend", &format!("boots={raw}")];
    platform.xtask(start).run().exits(2).stdout("").stderr(loops("boots", &raw));
    assert_eq!(platform.json(["router", "status"])["table"], before);
}

#[test]
fn other_listeners_than_the_router_has() {
    let platform = Platform::new();
    platform.json(["router", "start"]);
    let https = platform.listener("https");
    let other = ["router", "start", "--set", "router.ports.https=1"];
    let stderr = format!(
        "error: the router's entry point `https` listens on `{https}`, but the profile says `127.0.0.1:1`\n\
         help: run `cargo xtask router restart` with what shall change, or `router stop`, then `start`; \
         open connections will be drained\n"
    );
    platform.xtask(other).run().exits(1).stdout("").stderr(stderr);
}

#[test]
fn an_engine_that_needs_more() {
    let platform = Platform::new();
    let start = platform.xtask(["router", "start"].iter().chain(&EMBEDDED[..2]).copied());
    let start = start.env("DOCKER_HOST", "unix:///nonexistent/docker.sock").run().exits(3).stdout("");
    assert!(start.errors().contains("Docker"), "{}", start.errors());
    assert!(!platform.root().join(".xtask/coder").exists());
}

#[test]
fn a_state_directory_that_cannot_be_made() {
    for (taken, failing) in [(".xtask", "up"), (".xtask", "router start"), (".xtask/local", "up")] {
        let platform = Platform::new();
        let path = platform.root().join(taken);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "").unwrap();
        let before = files::below(platform.root());
        let ran = platform.xtask(failing.split(' ').chain(["-q"])).run().exits(3);
        assert!(ran.errors().starts_with("error: cannot "), "{}", ran.errors());
        assert!(ran.errors().contains(&format!("{}", path.display())), "{}", ran.errors());
        assert!(ran.errors().contains("\nhelp: "), "{}", ran.errors());
        assert_eq!(files::below(platform.root()).len(), before.len());
        platform.xtask(["version"]).run().exits(0);
        fs::remove_file(&path).unwrap();
    }
}
