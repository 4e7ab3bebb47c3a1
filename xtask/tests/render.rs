//! `router render`: Traefik's files, shown and written.

mod support;

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use serde_json::json;
use serde_yaml_ng::Value as Yaml;
use snapbox::file;
use support::{Call, Checkout};

const BACKENDS: [&str; 6] = [
    "--backend",
    "argo=172.18.255.20",
    "--backend",
    "orchestrator=172.18.255.30",
    "--backend",
    "edge=172.18.255.30",
];
const ABSENT: &str = "warning: there is no kubeconfig\n\
                      warning: Traefik will close the connections for gitea, boots: no backend is known\n";

fn render(checkout: &Checkout, args: &[&str]) -> Call {
    let render = ["router", "render", "--profile", "coder", "--set", "router.bind=127.0.0.1"];
    checkout.xtask(render.iter().chain(args))
}

fn written(checkout: &Checkout, args: &[&str]) -> Call {
    render(checkout, &[&BACKENDS, &["--write"][..], args].concat())
}

#[test]
fn shows_every_file_under_its_path() {
    let checkout = Checkout::new();
    let ran = render(&checkout, &BACKENDS).run().exits(0).stderr(ABSENT);
    let documents = serde_yaml_ng::Deserializer::from_str(ran.text());
    let documents: Vec<Yaml> =
        documents.map(|document| serde::Deserialize::deserialize(document).unwrap()).collect();
    assert_eq!(documents.len(), 3, "{}", ran.text());
    let argo = &documents[2]["tcp"]["services"]["argo"]["loadBalancer"]["servers"][0]["address"];
    assert_eq!(argo.as_str(), Some("172.18.255.20:443"));
    // The workspace's id in the labels is that of the path, so of each run.
    let of_the_path = ["# digest", "container_name", "dev.xtask.workspace", "dev.xtask.config"];
    let text = ran.text().lines().filter(|line| !of_the_path.iter().any(|word| line.contains(word)));
    let text: String = text.flat_map(|line| [line, "\n"]).collect();
    snapbox::assert_data_eq!(text, file!["snapshots/render.txt"].raw());
    assert!(!checkout.root().join("compose").exists());
}

#[test]
fn shows_them_as_json() {
    let checkout = Checkout::new();
    let answer = render(&checkout, &["--format", "json"]).run().exits(0).json();
    assert_eq!((&answer["schema"], &answer["command"]), (&json!(1), &json!("router render")));
    assert_eq!(answer["absent"], json!(["argo", "gitea", "orchestrator", "boots", "edge"]));
    let paths: Vec<_> =
        answer["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    let folder = "compose/coder/router";
    let expected = ["docker-compose.yml", "traefik.yml", "dynamic/routes.yml"];
    assert_eq!(paths, expected.map(|name| format!("{folder}/{name}")));
}

#[test]
fn writes_only_what_differs() {
    let checkout = Checkout::new();
    written(&checkout, &[]).run().exits(0).stderr(ABSENT).stdout(
        "wrote `compose/coder/router/docker-compose.yml`\n\
         wrote `compose/coder/router/traefik.yml`\n\
         wrote `compose/coder/router/dynamic/routes.yml`\n",
    );
    let inode =
        |name: &str| fs::metadata(checkout.root().join("compose/coder/router").join(name)).unwrap().ino();
    let before = (inode("traefik.yml"), inode("dynamic/routes.yml"));
    let shown = render(&checkout, &["--format", "json"].iter().chain(&BACKENDS).copied().collect::<Vec<_>>());
    let shown = shown.run().json();
    for file in shown["files"].as_array().unwrap() {
        assert_eq!(checkout.read(file["path"].as_str().unwrap()), file["content"].as_str().unwrap());
    }

    written(&checkout, &["--backend", "boots=172.18.255.40", "--quiet"]).run().exits(0).stderr("").stdout(
        "`compose/coder/router/docker-compose.yml` was so already\n\
         `compose/coder/router/traefik.yml` was so already\n\
         wrote `compose/coder/router/dynamic/routes.yml`\n",
    );
    assert_eq!(before.0, inode("traefik.yml"));
    assert_ne!(before.1, inode("dynamic/routes.yml"));
    let folder = fs::read_dir(checkout.root().join("compose/coder/router/dynamic")).unwrap();
    assert_eq!(folder.count(), 1, "no temporary file is left");
}

#[test]
fn a_dry_run_writes_nothing() {
    let checkout = Checkout::new();
    written(&checkout, &["--dry-run"]).run().exits(0).stderr(ABSENT).stdout(
        "would write `compose/coder/router/docker-compose.yml`\n\
         would write `compose/coder/router/traefik.yml`\n\
         would write `compose/coder/router/dynamic/routes.yml`\n",
    );
    assert!(!checkout.root().join("compose").exists());
}

#[test]
fn bridge_mode_publishes_the_ports() {
    let checkout = Checkout::new();
    let answer =
        render(&checkout, &["--set", "router.network=bridge", "--format", "json"]).run().exits(0).json();
    let compose = answer["files"][0]["content"].as_str().unwrap();
    assert!(compose.contains("- \"127.0.0.1:443:443\"") && !compose.contains("network_mode"), "{compose}");
}

#[test]
fn refuses_what_would_misroute() {
    let checkout = Checkout::new();
    let help = "help: write `--backend ROUTE=ADDRESS[:PORT]`, such as `--backend argo=172.18.255.20`\n";
    for (backend, said) in [
        (
            "argo=0.0.0.0",
            format!(
                "`--backend argo=0.0.0.0`: `0.0.0.0` is the unspecified address: it names no machine\n{help}"
            ),
        ),
        ("argo=10.0.0.1:0", format!("`--backend argo=10.0.0.1:0`: port 0 cannot be dialled\n{help}")),
        ("argo", format!("`--backend argo`: there is no `=` between route and address\n{help}")),
        (
            "arg=10.0.0.1",
            "profile `coder` has no route `arg`; did you mean `argo`?\n\
             help: choose one of `argo`, `gitea`, `orchestrator`, `boots`, `edge`\n"
                .to_owned(),
        ),
        (
            "argo=127.0.0.1",
            "route `argo` cannot go to `127.0.0.1:443`\n\
             cause: `127.0.0.1:443` is this router's own listener `127.0.0.1:443`: connections would loop\n\
             help: name the service behind it: `--backend argo=ADDRESS`\n"
                .to_owned(),
        ),
    ] {
        let ran = render(&checkout, &["--quiet", "--write", "--backend", backend]).run();
        ran.exits(2).stdout("").stderr(format!("error: {said}"));
    }
    assert!(!checkout.root().join("compose").exists());
}

#[test]
fn the_embedded_engine_has_no_files() {
    Checkout::new().xtask(["router", "render", "--quiet"]).run().exits(2).stdout("").stderr(
        "error: the engine `embedded` has no files to render\n\
         help: choose a profile with Traefik: `cargo xtask router render --profile coder`\n",
    );
}

#[test]
fn an_address_of_another_machine_is_refused() {
    let args = ["router", "render", "--quiet", "--profile", "coder", "--set", "router.bind=203.0.113.1"];
    Checkout::new().xtask(args).run().exits(3).stdout("").stderr(
        "error: `203.0.113.1` is not an address of this machine\n\
         cause: Cannot assign requested address (os error 99)\n\
         help: choose with `--set router.bind=…`; there are: [..]\n",
    );
}

#[test]
fn a_file_in_the_way_is_an_error() {
    let checkout = Checkout::new();
    checkout.write("compose/coder", "in the way");
    let ran = written(&checkout, &["--quiet"]).run();
    ran.exits(3).stdout("").stderr(
        "error: cannot create the folder `[ROOT]/compose/coder`\n\
         cause: not a directory\n\
         help: make the workspace writable and see that its disk is not full\n",
    );
}
