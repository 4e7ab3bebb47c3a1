//! What is rendered for kind is what runs in the node.

use serde_json::{Value, json};

use crate::api::Api;
use crate::docker::docker;
use crate::own::made;
use crate::wait;
use crate::workspace::Workspace;

/// Of etcd and the API server.
const ARGUMENTS: [&str; 8] = [
    "--quota-backend-bytes=1073741824",
    "--auto-compaction-mode=periodic",
    "--auto-compaction-retention=300s",
    "--audit-policy-file=/etc/kubernetes/audit-policy.yaml",
    "--audit-log-path=/var/log/kubernetes/audit.log",
    "--audit-log-maxage=7",
    "--audit-log-maxsize=100",
    "--audit-log-maxbackup=3",
];

/// Asserts that a request comes into the audit log, without its body.
#[track_caller]
fn assert_audited(api: &Api, node: &str) {
    let metadata = json!({ "name": "audited", "labels": { "it": "secret-content" } });
    api.create(
        "/api/v1/namespaces",
        &json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": metadata }),
    );
    let log = || docker(["exec", node, "cat", "/var/log/kubernetes/audit.log"]);
    let is_it = |entry: &Value| {
        let object = &entry["objectRef"];
        entry["verb"] == "create" && object["resource"] == "namespaces" && object["name"] == "audited"
    };
    let entry = |line: &str| serde_json::from_str::<Value>(line).ok();
    wait::until("the request in the audit log", || log().lines().filter_map(entry).any(|it| is_it(&it)));
    assert!(!log().contains("secret-content"), "the log has a body");
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn what_is_rendered_is_what_runs() {
    let workspace = Workspace::new();
    let sets = [
        "kind.etcd={quota_mib=1024,compaction=\"5m\"}",
        "kind.mount=[{host=\"data\",container=\"/data\",read_only=false}]",
    ];
    workspace.checkout.write("data/file", "hello");
    let sets: Vec<&str> = sets.iter().flat_map(|set| ["--set", set]).collect();
    made(&workspace, &sets);
    let node = workspace.node();
    let running = docker(["exec", &node, "ps", "-o", "args"]);
    for argument in ARGUMENTS {
        assert!(running.contains(argument), "`{argument}` is not in:\n{running}");
    }
    let api = workspace.kubernetes();
    assert_audited(&api, &node);
    let labels = api.get(&format!("/api/v1/nodes/{node}"))["metadata"]["labels"].clone();
    assert_eq!(
        (&labels["dev.xtask.workspace"], &labels["dev.xtask.profile"]),
        (&json!(workspace.id()), &json!("coder"))
    );
    assert_eq!(docker(["exec", &node, "cat", "/data/file"]), "hello");
    let mounts = docker(["inspect", "--format", "{{json .Mounts}}", &node]);
    assert!(!mounts.contains("docker.sock"), "{mounts}");
    assert!(docker(["exec", &node, "sh", "-c", "touch /etc/xtask/x 2>&1 || true"]).contains("Read-only"));
}
