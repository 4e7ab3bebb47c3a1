//! The cluster's own kubeconfig, and its context in the user's.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::api::Api;
use crate::files;
use crate::own::{kind, made};
use crate::support::Call;
use crate::workspace::Workspace;

/// As people write it, and not as a program would.
const OWN: &str = "\
# work
apiVersion: v1
kind: Config
clusters:
- name: office   # in the cellar
  cluster: {server: \"https://office.example\"}
contexts:
- context:
    cluster: office
    user:    me
  name: office
current-context: office
preferences: {}
users:
- {name: me, user: {token: very-secret}}
# the end
";

fn parse(text: &str) -> Value {
    serde_yaml_ng::from_str(text).unwrap()
}

/// Asserts that this is the file of before with our three entries, and no more.
#[track_caller]
fn assert_merged(workspace: &Workspace, file: &Path) {
    let text = fs::read_to_string(file).unwrap();
    let mut lines = text.lines();
    for line in OWN.lines() {
        assert!(lines.any(|it| it == line), "`{line}` is not as it was in:\n{text}");
    }
    let (mut config, name) = (parse(&text), format!("kind-{}", workspace.cluster()));
    let ours = parse(&fs::read_to_string(workspace.state("kubeconfig")).unwrap());
    for list in ["clusters", "contexts", "users"] {
        let entries = config[list].as_array_mut().unwrap();
        let at = entries.iter().position(|entry| entry["name"] == name.as_str()).unwrap();
        assert_eq!(entries.remove(at), ours[list][0], "{list}");
    }
    assert_eq!(config, parse(OWN), "something else was touched");
}

/// Asserts that nothing is written while somebody else holds the file's lock.
#[track_caller]
fn assert_locked(workspace: &Workspace, call: &dyn Fn(&[&str]) -> Call) {
    let file = workspace.root().join("own/config");
    workspace.checkout.write("own/config.lock", "");
    let ran = call(&["up", "--merge"]).run().exits(3).stdout("");
    let said = format!("error: another program holds `{}.lock`\n", file.display());
    assert!(ran.errors().contains(&said), "{}", ran.errors());
    assert_eq!(fs::read_to_string(&file).unwrap(), OWN);
    fs::remove_file(workspace.root().join("own/config.lock")).unwrap();
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn its_context_comes_into_the_users_file_and_out_of_it() {
    let workspace = Workspace::new();
    let [file, absent] = ["own/config", "own/absent"].map(|name| workspace.root().join(name));
    workspace.checkout.write("own/config", OWN);
    let variable = std::env::join_paths([&absent, &file]).unwrap();
    let call = |args: &[&str]| kind(&workspace, args).env("KUBECONFIG", &variable);
    let json = |args: &[&str]| call(&[args, &["--format", "json"]].concat()).run().exits(0).json();

    assert_eq!(json(&["up"])["merged"], json!(null));
    assert_eq!(fs::read_to_string(&file).unwrap(), OWN);
    assert_eq!(json(&["status"])["merged"], json!(false));

    assert_locked(&workspace, &call);
    let look = || files::below(&workspace.root().join("own"));
    assert_eq!(json(&["up", "--merge"])["merged"], json!(file));
    assert_merged(&workspace, &file);
    assert_eq!(json(&["status"])["merged"], json!(true));
    let before = look();
    for args in [&["up", "--merge"][..], &["up"]] {
        let answer = json(args);
        assert_eq!((&answer["change"], &answer["merged"]), (&json!("already"), &json!(file)));
        assert_eq!(look(), before, "it was written again");
    }
    // The same cluster is reached by it.
    let text = fs::read_to_string(&file).unwrap();
    let mut config = parse(&text);
    for list in ["clusters", "users"] {
        config[list]
            .as_array_mut()
            .unwrap()
            .retain(|entry| entry["name"] != "office" && entry["name"] != "me");
    }
    assert!(Api::of(&config.to_string()).is_ready(&format!("/api/v1/nodes/{}", workspace.node())));

    call(&["down"]).run().exits(0);
    assert_eq!(fs::read_to_string(&file).unwrap(), OWN, "it is not as it was");
    assert_eq!(look().len(), 1, "something is left: {:?}", look());
}

/// A service of the profile that has no address yet.
fn demand(api: &Api) {
    let metadata = json!({ "name": "argocd" });
    api.create(
        "/api/v1/namespaces",
        &json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": metadata }),
    );
    api.create(
        "/api/v1/namespaces/argocd/services",
        &json!({
            "apiVersion": "v1", "kind": "Service", "metadata": { "name": "argocd-server" },
            "spec": { "type": "LoadBalancer", "ports": [{ "port": 443 }] },
        }),
    );
}

/// Asserts that a call of `k8s services` sees it, and no other.
#[track_caller]
fn assert_seen(call: Call) {
    let answer = call.run().exits(0).json();
    let services = answer["services"].as_array().unwrap();
    let state = |name: &str| &services.iter().find(|it| it["name"] == name).unwrap()["state"];
    assert_eq!((state("argocd-server"), state("gitea-http")), (&json!("not_ready"), &json!("absent")));
}

/// Where there is no file of the user's, one is made, and goes again.
#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn its_own_file_is_taken_by_every_command_unless_another_is_named() {
    let workspace = Workspace::new();
    let users = workspace.home().join(".kube/config");
    let answer = made(&workspace, &["--merge"]);
    assert_eq!(answer["merged"], json!(users));
    assert_eq!((files::mode(&users), files::mode(&workspace.state("kubeconfig"))), (0o600, 0o600));

    demand(&workspace.kubernetes());
    // A file that leads elsewhere, where users have theirs.
    workspace.checkout.write("elsewhere", OWN);
    let elsewhere = workspace.root().join("elsewhere");
    let services = workspace.call(&["k8s", "services", "--format", "json"]).env("KUBECONFIG", &elsewhere);
    assert_seen(services);
    let start =
        workspace.call(&["router", "start", "--dry-run"]).env("KUBECONFIG", &elsewhere).run().exits(0);
    let told = "would send route `argo` to nowhere: service `argocd/argocd-server`: its load balancer has no address yet\n";
    assert!(start.text().contains(told), "{}", start.text());

    let named = workspace.call(&["k8s", "services", "--kubeconfig", elsewhere.to_str().unwrap()]).run();
    assert!(named.errors().contains("office.example"), "{}", named.errors());
    let context =
        workspace.call(&["k8s", "services", "--context", "office"]).env("KUBECONFIG", &elsewhere).run();
    assert!(context.errors().contains("office.example"), "{}", context.errors());
    // The user's own has the context, too.
    fs::remove_file(workspace.state("kubeconfig")).unwrap();
    let context = format!("kind-{}", workspace.cluster());
    let services = workspace.call(&["k8s", "services", "--format", "json", "--context", &context]);
    assert_seen(services);

    kind(&workspace, &["down"]).run().exits(0);
    assert!(!users.exists(), "the user's file is left");
}
