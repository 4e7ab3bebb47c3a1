//! `doctor` for a profile whose cluster kind makes.
#![allow(clippy::unwrap_used, reason = "tests panic")]

mod doctor_machine;
mod support;

use std::fs;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::time::Duration;

use doctor_machine::{Machine, finding, json_of};
use serde_json::json;
use snapbox::str;
use support::Ran;

/// A run that hangs is ended after this.
const HANGS: Duration = Duration::from_mins(1);

/// The lines of a run with these marks.
fn lines(ran: &Ran, marks: &[char]) -> Vec<String> {
    ran.text().lines().filter(|line| line.starts_with(marks)).map(str::to_owned).collect()
}

#[test]
fn a_docker_that_answers() {
    let machine = Machine::new();
    fs::write(machine.forwarding(), "").unwrap();
    let told = json_of(&machine, &[]);
    let socket = machine.socket();
    let found = format!("version 28.2.2 answers at `unix://{}`", socket.display());
    assert_eq!(
        *finding(&told, "docker"),
        json!({
            "name": "docker", "state": "good", "found": found, "mend": null,
            "why": "the nodes of the cluster and the router are its containers",
        })
    );
    for (name, found) in [
        ("docker machine", "Docker has the kernel of this machine"),
        ("docker rights", "Docker runs as root"),
        ("docker storage", "`overlay2`"),
        ("memory", "32.0 GiB of 16 needed"),
        ("processors", "16 of 8 needed"),
        ("cgroups", "version 2, with limits of memory, processors and processes"),
        ("forwarding", "packets of containers are passed on"),
        ("proxies", "none is set"),
        ("API port", "any free port of 127.0.0.1"),
        ("cluster", "not made yet; `cargo xtask kind up` makes it"),
    ] {
        let finding = finding(&told, name);
        assert_eq!((&finding["state"], &finding["found"]), (&json!("good"), &json!(found)), "{name}");
    }
    let kind = format!("`{}` 0.33.0", machine.programs().join("kind").display());
    assert_eq!(finding(&told, "kind")["found"], json!(kind));
    let networks = finding(&told, "networks");
    assert_eq!(networks["state"], json!("warning"));
    let clash = "Docker's network `shop` (10.96.8.0/24) overlaps with that of services (10.96.0.0/16)";
    assert!(networks["found"].as_str().unwrap().contains(clash), "{networks}");
}

#[test]
fn without_docker_what_it_would_tell_is_unknown() {
    let machine = Machine::without_docker();
    let ran = machine.doctor(&[]).run().exits(3);
    let socket = machine.socket();
    let docker = format!("✗ docker           Docker does not answer at `unix://{}`: ", socket.display());
    let missing = lines(&ran, &['✗']);
    assert!(missing[0].starts_with(&docker), "{missing:?}");
    assert!(ran.text().contains("    why: the nodes of the cluster and the router are its containers\n"));
    let unknown = lines(&ran, &['?']);
    for name in ["docker machine", "docker rights", "disk", "forwarding", "networks", "listeners"] {
        let expected = format!("? {name:<15}  Docker does not tell, as said above");
        assert!(unknown.contains(&expected), "{name}: {unknown:?}");
    }
    let error = "error: profile `coder` cannot be brought up here: `docker`";
    assert!(ran.errors().starts_with(error), "{}", ran.errors());
}

#[test]
fn a_docker_that_is_silent_is_told_in_time() {
    let machine = Machine::without_docker();
    let _silent = UnixListener::bind(machine.socket()).unwrap();
    let call = machine.checkout.xtask(["doctor", "--profile", "coder"]);
    let call = call.env("DOCKER_HOST", format!("unix://{}", machine.socket().display()));
    let ran = call.within(HANGS).run().exits(3);
    ran.stdout(str![[r"
...
✗ docker           Docker at `unix://[ROOT]/docker.sock` takes connections, and did not answer within 3s[..]
    why: the nodes of the cluster and the router are its containers
    help: look at `systemctl status docker`, and restart it with `sudo systemctl restart docker`
? docker machine   Docker does not tell, as said above
...
"]]);
}

#[test]
fn a_docker_of_another_machine() {
    let machine = Machine::without_docker();
    let ran = machine.doctor(&["kind"]).env("DOCKER_HOST", "tcp://192.0.2.1:2375").run().exits(3);
    ran.stdout(str![[r"
...
✗ docker           Docker at `tcp://192.0.2.1:2375` may be on another machine: mounts and addresses would not be here
    why: the nodes of the cluster and the router are its containers
    help: choose one of this machine: `DOCKER_HOST=unix:///var/run/docker.sock`
...
"]]);
}

#[test]
fn programs_that_are_missing_or_old() {
    let machine = Machine::new();
    machine.program("kind", "echo kind v0.20.0 go1.20 linux/amd64");
    for name in ["helm", "docker"] {
        fs::remove_file(machine.programs().join(name)).unwrap();
    }
    let told = json_of(&machine, &[]);
    let kind = finding(&told, "kind");
    let found = format!(
        "`{}` is 0.20.0; 0.27.0 or newer, before 0.40.0, is needed",
        machine.programs().join("kind").display()
    );
    assert_eq!((&kind["state"], &kind["found"]), (&json!("missing"), &json!(found)));
    assert!(kind["mend"].as_str().unwrap().contains("go install sigs.k8s.io/kind@v0.33.0"), "{kind}");
    for (name, program) in [("helm", "helm"), ("docker client", "docker"), ("compose", "docker-compose")] {
        let finding = finding(&told, name);
        let absent = format!("`{program}` is in no folder of PATH");
        assert_eq!((&finding["state"], &finding["found"]), (&json!("missing"), &json!(absent)), "{name}");
    }
    assert_eq!(finding(&told, "kubectl")["state"], json!("warning"));
}

#[test]
fn a_verb_has_checks_of_its_own() {
    let machine = Machine::new();
    let names = |verb| {
        let told = json_of(&machine, &[verb]);
        let findings = told["findings"].as_array().unwrap().clone();
        findings.iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let has = |names: &[String], name: &str| names.iter().any(|it| it == name);
    let (kind, metallb, router) = (names("kind"), names("metallb"), names("router"));
    assert!(has(&kind, "inotify") && !has(&kind, "helm") && !has(&kind, "listeners"), "{kind:?}");
    assert!(has(&metallb, "helm") && has(&metallb, "cluster") && !has(&metallb, "kind"), "{metallb:?}");
    assert!(has(&router, "listeners") && has(&router, "compose") && !has(&router, "inotify"), "{router:?}");
    let up = names("up");
    assert!([kind, metallb, router].concat().iter().all(|name| has(&up, name)), "{up:?}");
    assert!(!has(&up, "kubectl"), "{up:?}");
}

#[test]
fn verbs_that_are_not_for_the_profile_or_not_at_all() {
    let checkout = support::Checkout::new();
    let ran = checkout.xtask(["doctor", "kind"]).run().exits(2);
    assert!(
        ran.errors().starts_with("error: profile `local` has no cluster that kind makes\n"),
        "{}",
        ran.errors()
    );
    let ran = checkout.xtask(["doctor", "kidn"]).run().exits(2);
    assert!(ran.errors().contains("did you mean `kind`?"), "{}", ran.errors());
}

#[test]
fn a_taken_api_port_names_who_has_it() {
    let machine = Machine::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let told = json_of(&machine, &["kind", "--set", &format!("kind.api_server={address}")]);
    let found = finding(&told, "API port")["found"].as_str().unwrap().to_owned();
    let expected = format!("process {} (", std::process::id());
    assert!(found.starts_with(&expected) && found.ends_with(&format!("has `{address}`")), "{found}");
}

#[test]
fn a_proxy_without_exceptions_and_never_its_password() {
    let machine = Machine::new();
    for format in ["text", "json"] {
        let call = machine.doctor(&["kind", "--format", format]);
        let ran = call.env("HTTPS_PROXY", "http://me:secret@proxy.example:3128").run();
        let lacking = "HTTPS_PROXY is set, and NO_PROXY lacks \
                       127.0.0.1,localhost,.svc,.cluster.local,kind.internal,10.244.0.0/16,10.96.0.0/16,172.18.0.0/16";
        assert!(ran.text().contains(lacking), "{}", ran.text());
        assert!(!ran.text().contains("secret") && !ran.errors().contains("secret"));
    }
}

#[test]
fn a_cluster_that_was_made_and_does_not_run() {
    let machine = Machine::new();
    machine.checkout.write(".xtask/coder/kubeconfig", "");
    let told = json_of(&machine, &["up"]);
    let cluster = finding(&told, "cluster");
    assert_eq!(
        (&cluster["state"], &cluster["found"]),
        (&json!("warning"), &json!("it was made, and does not run"))
    );
    assert_eq!(cluster["mend"], json!("start it with `cargo xtask kind up`"));
}
