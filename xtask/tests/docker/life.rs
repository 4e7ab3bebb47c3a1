//! Start, status, restart, stop.

use serde_json::{Value, json};

use crate::docker::{Foreign, docker};
use crate::router::{Compose, ROUTES, Router, free_port};

pub fn starts_once_and_stops_once(compose: Compose) {
    let router = Router::new(compose);
    let serves = format!("https {}, raw {}\n5 of 5 routes answer\n", router.https, router.raw);
    let ran = router.start(&[]).run().exits(0).stdout(format!("the router serves: {serves}"));
    let words = if compose == Compose::V1 { "docker-compose" } else { "docker compose" };
    assert!(ran.errors().contains(&format!("{words} -p {} -f ", router.project())), "{}", ran.errors());
    let containers = router.containers();
    assert_eq!(containers.len(), 1);
    router.start(&[]).run().exits(0).stdout(format!("the router serves already: {serves}")).stderr("");
    assert_eq!(router.containers(), containers);

    assert_status(&router, &containers[0]);
    assert_walls(&containers[0]);

    router.call(&["router", "stop"]).run().exits(0).stdout("the router has stopped\n");
    assert_eq!(router.containers(), [""; 0]);
    router.call(&["router", "stop"]).run().exits(0).stdout("the router was not running\n").stderr("");
    let status = router.status();
    assert_eq!((&status["running"], &status["container"]), (&json!(false), &Value::Null));
}

fn assert_status(router: &Router, id: &str) {
    let status = router.status();
    assert_eq!(
        (&status["running"], &status["engine"], &status["error"]),
        (&json!(true), &json!("traefik"), &Value::Null)
    );
    let container = &status["container"];
    assert_eq!(container["id"], id[..12]);
    assert_eq!(container["name"], router.project());
    assert_eq!((&container["state"], &container["restarts"]), (&json!("running"), &json!(0)));
    assert_eq!((&container["network"], &container["exit_code"]), (&json!("host"), &Value::Null));
    assert_eq!(container["image"], "traefik:v3.7.15");
    assert_eq!(
        status["listeners"],
        json!({ "https": router.https.to_string(), "raw": router.raw.to_string() })
    );
    let shown = status["routes"].as_array().unwrap();
    let names: Vec<_> = shown.iter().map(|route| route["name"].as_str().unwrap()).collect();
    assert_eq!(names, ROUTES);
    assert!(shown.iter().all(|route| route["status"] == "enabled" && route["errors"] == json!([])));
    assert_eq!(status["table"].as_array().unwrap().len(), ROUTES.len());
    router.call(&["router", "status"]).run().exits(0).stdout(format!(
        "the router runs as container `{}` ({}) of `traefik:v3.7.15` since [..]\n\
         https {}\nraw {}\n\n\
         ROUTE         PORT   HOSTS  PRIORITY  BACKEND          STATUS\n\
         argo          https  2      20        127.0.0.1:[..]  enabled\n\
         gitea         https  1      20        127.0.0.1:[..]  enabled\n\
         orchestrator  https  36     9         127.0.0.1:[..]  enabled\n\
         boots         https  1      5         127.0.0.1:[..]  enabled\n\
         edge          raw    1      10        127.0.0.1:[..]  enabled\n",
        router.project(),
        &id[..12],
        router.https,
        router.raw,
    ));
}

/// It may do what it needs to, and nothing else.
fn assert_walls(id: &str) {
    let inspected: Value = serde_json::from_str(&docker(["inspect", "--format", "{{json .}}", id])).unwrap();
    let host = &inspected["HostConfig"];
    assert_eq!((&host["ReadonlyRootfs"], &host["Privileged"]), (&json!(true), &json!(false)));
    assert_eq!((&host["CapDrop"], &host["CapAdd"]), (&json!(["ALL"]), &json!(["NET_BIND_SERVICE"])));
    assert_eq!(host["SecurityOpt"], json!(["no-new-privileges:true"]));
    assert_eq!(host["RestartPolicy"]["Name"], "unless-stopped");
    let mounts = inspected["Mounts"].as_array().unwrap();
    assert!(mounts.iter().all(|mount| mount["RW"] == false), "{mounts:?}");
    assert!(!inspected.to_string().contains("docker.sock"));
}

pub fn comes_back_after_a_stop_by_hand(compose: Compose) {
    let router = Router::new(compose);
    router.start(&[]).run().exits(0);
    docker(["kill", &router.project()]);
    let status = router.status();
    assert_eq!((&status["running"], &status["container"]["state"]), (&json!(false), &json!("exited")));
    assert_eq!((&status["container"]["exit_code"], &status["routes"]), (&json!(137), &json!([])));
    router.call(&["router", "status"]).run().exits(0).stdout(format!(
        "the router is not running: container `{}` is in state `exited`; it ended with exit code 137 at [..]\n",
        router.project()
    ));
    let ran = router.start(&["--format", "json"]).run().exits(0);
    assert_eq!(ran.json()["change"], "started");
    assert_eq!(router.status()["running"], true);
    // Stopped, and not brought back.
    docker(["stop", &router.project()]);
    router.call(&["router", "stop"]).run().exits(0).stdout("the router has stopped\n");
    assert_eq!(router.containers(), [""; 0]);
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn one_that_is_paused_is_named() {
    let router = Router::new(Compose::V2);
    router.start(&[]).run().exits(0);
    let name = router.project();
    docker(["pause", &name]);
    assert_eq!(router.status()["running"], false);
    router.start(&[]).run().exits(1).stdout("").stderr(format!(
        "error: container `{name}` is paused\n\
         help: let it go on with `docker unpause {name}`, or end it with `cargo xtask router stop`\n"
    ));
    router.call(&["router", "stop"]).run().exits(0).stdout("the router has stopped\n");
    assert_eq!(router.containers(), [""; 0]);
}

pub fn stops_what_was_removed_by_hand(compose: Compose) {
    let router = Router::new(compose);
    router.start(&[]).run().exits(0);
    docker(["rm", "--force", &router.project()]);
    router.call(&["router", "stop"]).run().exits(0).stdout("the router was not running\n").stderr("");
    router.start(&[]).run().exits(0);
    docker(["rm", "--force", &router.project()]);
    let ran = router.start(&["--format", "json"]).run().exits(0);
    assert_eq!(ran.json()["change"], "started");
}

pub fn stops_without_its_files(compose: Compose) {
    let router = Router::new(compose);
    router.start(&[]).run().exits(0);
    std::fs::remove_dir_all(router.checkout.root().join("compose")).unwrap();
    router.call(&["router", "stop"]).run().exits(0).stdout("the router has stopped\n");
    assert_eq!(router.containers(), [""; 0]);
}

/// A profile that cannot be read still has a name.
pub fn goes_down_with_a_profile_that_is_broken(compose: Compose) {
    let router = Router::new(compose);
    router.start(&[]).run().exits(0);
    router.checkout.write("profiles/coder.toml", "broken");
    let ran = router.call(&["down", "--verbose"]).run().exits(0);
    ran.stdout("profile `coder` is down: nothing is left\n");
    assert_eq!(router.containers(), [""; 0]);
}

pub fn other_settings_want_a_restart(compose: Compose) {
    let router = Router::new(compose);
    router.start(&[]).run().exits(0);
    let before = router.containers();
    let help = "help: run `cargo xtask router restart` with what shall change, or `router stop`, then `start`; \
         open connections will be drained\n";
    let ran = router.start(&["--log-level", "DEBUG"]).run();
    ran.exits(1).stdout("").stderr(format!(
        "error: the router runs with other settings: `docker-compose.yml` or `traefik.yml` was another\n{help}"
    ));
    let other = free_port();
    let port = format!("router.ports.raw={}", other.port());
    router.start(&["--set", &port]).run().exits(1).stdout("").stderr(format!(
        "error: the router runs with other settings: listeners `https {0}, raw {1}`, and not `https {0}, raw {other}`\n{help}",
        router.https, router.raw
    ));
    router.start(&["--image", "traefik:v3.7.14"]).run().exits(1).stdout("").stderr(format!(
        "error: the router runs with other settings: image `traefik:v3.7.15`, and not `traefik:v3.7.14`\n{help}"
    ));
    assert_eq!(router.containers(), before);
    let restart = router.call(&["router", "restart", "--no-watch", "--log-level", "DEBUG"]).run().exits(0);
    assert!(restart.text().starts_with("the router serves: "), "{}", restart.text());
    assert_ne!(router.containers(), before);
    let logs = router.call(&["router", "logs", "-n", "10000"]).run().exits(0);
    assert!(logs.text().contains(" DBG "), "{}", logs.text());
}

pub fn two_starts_are_one(compose: Compose) {
    let router = Router::new(compose);
    let starts = [(); 2].map(|()| router.start(&["--format", "json"]).spawn());
    let mut changes = starts.map(|child| {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        answer["change"].as_str().unwrap().to_owned()
    });
    changes.sort();
    assert_eq!(changes, ["already", "started"]);
    assert_eq!(router.containers().len(), 1);
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn what_others_run_is_left_alone() {
    let router = Router::new(Compose::V2);
    let point = format!("--entryPoints.theirs.address={}", free_port());
    let workspace = format!("dev.xtask.workspace={}", router.workspace());
    let labels =
        ["--label", &workspace, "--label", "dev.xtask.profile=coder", "--label", "dev.xtask.component=dns"];
    let other = Foreign::run(&labels, &[&point]);
    let before = other.state();
    router.start(&[]).run().exits(0);
    router.call(&["router", "stop"]).run().exits(0).stdout("the router has stopped\n");
    assert_eq!(other.state(), before);
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn a_container_with_our_name_is_refused() {
    let router = Router::new(Compose::V2);
    let project = router.project();
    let point = format!("--entryPoints.theirs.address={}", free_port());
    let other = Foreign::run(&["--name", &project], &[&point]);
    let before = other.state();
    router.start(&[]).run().exits(5).stdout("").stderr(format!(
        "error: container `{project}` has the router's name `{project}`, but is not ours\n\
         help: if nobody needs it, remove it: `docker rm --force {project}`\n"
    ));
    router.call(&["router", "stop"]).run().exits(0).stdout("the router was not running\n");
    assert_eq!(other.state(), before);
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn the_log_is_shown_and_followed() {
    let router = Router::new(Compose::V2);
    let name = router.project();
    router.call(&["router", "logs"]).run().exits(3).stdout("").stderr(format!(
        "error: cannot show the log\n\
         cause: there is no container `{name}`, so no log\n\
         help: [..]\n"
    ));
    router.start(&["--log-level", "DEBUG"]).run().exits(0);
    let last = router.call(&["router", "logs", "-n", "2", "--format", "json"]).run().exits(0).json();
    assert_eq!(last["events"].as_array().unwrap().len(), 2);
    let mut following = router.call(&["router", "logs", "-n", "0", "--follow"]).spawn();
    let stdout = following.stdout.take().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(stdout));
    // What comes is there after the start of following: it may take connections that are made later only.
    let client = router.client();
    let line = std::thread::scope(|scope| {
        let reader = scope.spawn(move || lines.next().unwrap().unwrap());
        crate::wait::until("a line of the log", || {
            client.ask(router.https, Some("argo.kind.internal")).unwrap();
            reader.is_finished()
        });
        reader.join().unwrap()
    });
    assert!(line.contains(" DBG "), "{line}");
    crate::interrupt::send(&following, rustix::process::Signal::INT);
    assert_eq!(following.wait().unwrap().code(), Some(0));
}
