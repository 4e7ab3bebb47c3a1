//! The platform from nothing to every route, again, repaired, and gone.

use std::collections::BTreeSet;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};

use serde_json::{Value, json};

use crate::bed;
use crate::files;
use crate::workspace::Workspace;

const STAGES: [&str; 11] = [
    "argo",
    "boots",
    "certificates",
    "gitea",
    "kind",
    "metallb",
    "namespaces",
    "orchestrator",
    "router",
    "routes",
    "samples",
];
/// What a user has before, with what no program would write.
const KUBECONFIG: &str = "\
# mine
apiVersion: v1
kind: Config
current-context: elsewhere
clusters:
- name: elsewhere
  cluster: {server: 'https://192.0.2.1'} # far away
contexts:
- name: elsewhere
  context: {cluster: elsewhere, user: me}
users:
- name: me
  user: {token: t}
";

/// Asserts that `up` went through all stages, and how each of `outcomes` ended
/// where it is not `done`; all routes were proven.
#[track_caller]
pub fn assert_up(up: &Value, outcomes: &[(&str, &str)]) {
    let stages = up["stages"].as_array().unwrap();
    let names: BTreeSet<&str> = stages.iter().map(|stage| stage["name"].as_str().unwrap()).collect();
    assert!(names.into_iter().eq(STAGES), "{stages:#?}");
    for (name, outcome) in outcomes {
        let stage = stages.iter().find(|stage| stage["name"] == *name).unwrap();
        assert_eq!(stage["outcome"], *outcome, "{stage:#}");
    }
    let check = &up["check"];
    assert_eq!((&check["wrong"], &check["absent"]), (&json!(0), &json!([])), "{check:#}");
    assert!(check["rows"].as_array().unwrap().len() > 80, "{check:#}");
}

/// Where each route leads, by name.
#[track_caller]
fn backends(workspace: &Workspace) -> Vec<(String, SocketAddr)> {
    let status = workspace.json(&["status"]);
    assert_eq!(status["state"], "up");
    let routes = status["router"]["table"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    routes.map(|route| (text(&route["name"]), text(&route["backend"]).parse().unwrap())).collect()
}

/// Asserts that each service has the address of its pool, in the network of the
/// nodes, and that the routes lead there.
#[track_caller]
fn assert_addresses(workspace: &Workspace) {
    let metallb = workspace.json(&["metallb", "status"]);
    assert_eq!((&metallb["healthy"], &metallb["pending"]), (&json!(true), &json!([])), "{metallb:#}");
    let (backends, pools) = (backends(workspace), metallb["pools"].as_array().unwrap());
    let backend = |route: &str| backends.iter().find(|(name, _)| name == route).unwrap().1;
    for (pool, service, port) in [
        ("argo", json!([{ "namespace": "argocd", "name": "argocd-server" }]), 443),
        ("orchestrator", json!([{ "namespace": "orch-gateway", "name": "traefik" }]), 443),
        ("boots", json!([{ "namespace": "orch-boots", "name": "ingress-haproxy-kubernetes-ingress" }]), 443),
    ] {
        let found = pools.iter().find(|it| it["name"] == pool).unwrap();
        let address = backend(pool);
        assert_eq!((&found["holders"], &found["ours"]), (&service, &json!(true)));
        assert_eq!((&found["addresses"], address.port()), (&json!([format!("{}/32", address.ip())]), port));
    }
    assert_eq!(backend("edge"), (backend("orchestrator").ip(), 4433).into());
    let distinct: BTreeSet<_> = backends.iter().map(|(_, address)| address.ip()).collect();
    assert_eq!(distinct.len(), 4, "{backends:?}");
    let gateway = bed::gateway().octets();
    for address in distinct {
        let octets: Ipv4Addr = address.to_string().parse().unwrap();
        assert_eq!(octets.octets()[..2], gateway[..2], "{address} is of the network");
    }
}

/// From nothing.
fn comes_up(workspace: &Workspace) {
    let router = workspace.https;
    let up = workspace.up(&["--with-samples"]).run().exits(0).stdout(format!(
        "https: argo → argo at [..]:443\n  argo.kind.internal  argocd.kind.internal\n...\n\
         raw: no route → closed\n  (plain text)\n\n\
         profile `coder` is up: 11 stages in [..] s\n\
         try: curl --cacert .xtask/coder/ca.pem --connect-to ::{router} https://argo.kind.internal/\n"
    ));
    let said = up.errors();
    for stage in STAGES {
        let told = said.lines().filter(|line| line.starts_with(&format!("✓ {stage} "))).count();
        assert_eq!(told, 1, "{said}");
    }
    let cluster = workspace.cluster();
    for command in [
        format!("kind create cluster --name {cluster} --retain "),
        "helm upgrade --install metallb ".to_owned(),
        format!("docker compose -p {cluster} "),
    ] {
        assert!(said.lines().any(|line| line.starts_with("$ ") && line.contains(&command)), "{said}");
    }
    workspace.assert_routes();
}

/// What is well is left alone.
fn comes_up_again(workspace: &Workspace) {
    let what_there_is = || {
        let mut files = files::below(&workspace.root().join(".xtask"));
        files.extend(files::below(&workspace.root().join("compose")));
        (workspace.lives(), workspace.processes(), files)
    };
    let before = what_there_is();
    let up = workspace.up_json(&["--with-samples"]);
    let stages = STAGES.iter().filter(|stage| **stage != "routes");
    assert_up(&up, &stages.map(|stage| (*stage, "already")).collect::<Vec<_>>());
    assert_eq!(what_there_is(), before);
}

fn tells_its_status(workspace: &Workspace) {
    let status = workspace.call(&["status"]).run().exits(0).stdout(
        "\
profile: coder, from --profile
state: up
...
process [..] follows the cluster since [..]
...
[..] of [..] clients as they should be
",
    );
    let words: Vec<&str> = status.text().lines().next_back().unwrap().split(' ').collect();
    assert_eq!(words[0], words[2], "{}", status.text());
}

/// As by a machine that was rebooted, or by a user.
fn is_repaired(workspace: &Workspace) {
    let (node, before) = (workspace.node(), backends(workspace));
    // The watch may have to be started anew: it had lost the cluster.
    let others = |workspace: &Workspace| {
        let watch = workspace.json(&["router", "status"])["watch"]["pid"].as_u64();
        let watch = watch.expect("the cluster is followed");
        let mut processes = workspace.processes();
        processes.retain(|pid| u64::from(*pid) != watch);
        (workspace.life(&workspace.cluster()), processes)
    };
    let untouched = others(workspace);
    workspace.docker(&["restart", &node]);
    let up = workspace.up_json(&["--with-samples"]);
    assert_up(&up, &[("argo", "already")]);
    assert_eq!((backends(workspace), others(workspace)), (before.clone(), untouched));
    workspace.assert_routes();

    workspace.docker(&["stop", &node]);
    let status = workspace.call(&["status"]).run().exits(3);
    let told = "error: the platform is up in part only\nhelp: run `cargo xtask up` to mend it\n";
    let status = status.stderr(told);
    assert!(status.text().contains("state: up in part only\n"), "{}", status.text());
    let up = workspace.up_json(&["--with-samples"]);
    assert_up(&up, &[("kind", "done")]);
    assert_eq!(backends(workspace), before);
    workspace.assert_routes();
}

fn goes_down(workspace: &Workspace, files_before: &BTreeSet<std::path::PathBuf>) {
    let config = workspace.home().join(".kube/config");
    fs::write(&config, KUBECONFIG).unwrap();
    workspace.call(&["kind", "up", "--merge"]).run().exits(0);
    let context = format!("kind-{}", workspace.cluster());
    assert!(fs::read_to_string(&config).unwrap().contains(&context));
    let volumes = workspace.volumes();
    assert_eq!(volumes.len(), 1, "of the node");

    let down = "profile `coder` is down: nothing is left\n";
    workspace.call(&["down"]).run().exits(0).stdout(down);
    workspace.assert_gone();
    assert_eq!(fs::read_to_string(&config).unwrap(), KUBECONFIG);
    let left = workspace.docker(&["volume", "ls", "--quiet"]);
    assert!(!left.lines().any(|volume| volumes.iter().any(|it| it == volume)), "{left}");
    // Compose's files are kept: they are the checkout's to look at.
    let mut files = file_names(workspace);
    files.retain(|file| !file.starts_with(workspace.root().join("compose")));
    assert_eq!(&files, files_before);

    let again = workspace.call(&["down"]).run().exits(0).stdout(down);
    let said = again.errors();
    assert!(
        said.lines().all(|line| line.ends_with("nothing to undo")) && said.lines().count() == 11,
        "{said}"
    );
    let status = workspace.call(&["status"]).run().exits(0);
    status.stdout("profile: coder, from --profile\nnothing runs; `cargo xtask up` brings it up\n");
}

/// What is in the workspace, but for what others keep in the user's home.
fn file_names(workspace: &Workspace) -> BTreeSet<std::path::PathBuf> {
    let mut files: BTreeSet<_> = files::below(workspace.root()).into_keys().collect();
    files.retain(|file| !file.starts_with(workspace.home()) && !file.ends_with(".xtask"));
    files
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn all_comes_up_is_repaired_and_goes_down() {
    let workspace = Workspace::new();
    let files = file_names(&workspace);
    comes_up(&workspace);
    assert_addresses(&workspace);
    comes_up_again(&workspace);
    tells_its_status(&workspace);
    is_repaired(&workspace);
    assert_addresses(&workspace);
    goes_down(&workspace, &files);
}
