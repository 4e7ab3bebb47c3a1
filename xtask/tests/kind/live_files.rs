//! What nodes see of this machine, and what changes in them as they run; that
//! no credentials are seen by anybody else.

use std::ffi::OsString;
use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::bed;
use crate::docker::docker;
use crate::files;
use crate::own::{assert_nothing, kind, script};
use crate::support::Call;
use crate::workspace::Workspace;

const HUB: &str = "https://index.docker.io/v1/";
const SETTING: [&str; 2] = ["--set", "kind.docker_config=home/hub.json"];

/// A workspace whose profile has mirrors, and where each call of kind and of
/// Docker's client is written down.
struct Bed {
    workspace: Workspace,
    path: OsString,
    /// All that was said of all calls.
    said: String,
}

impl Bed {
    fn new() -> Self {
        let workspace = Workspace::new();
        let bin = workspace.root().join("bin");
        let log = workspace.root().join("argv");
        // The client is found as if this one were not there; kind finds this one.
        let client = format!("PATH='{}'; exec docker", bed::path().into_string().unwrap());
        let programs = [("kind", format!("exec '{}'", bed::kind().display())), ("docker", client)];
        for (name, run) in programs {
            script(&bin.join(name), &format!("printf '%s\\n' \"$*\" >>'{}'\n{run} \"$@\"", log.display()));
        }
        let path: OsString = [bin.into_os_string(), ":".into(), bed::path()].into_iter().collect();
        Self { workspace, path, said: String::new() }
    }

    fn call(&self, args: &[&str]) -> Call {
        kind(&self.workspace, &[args, &SETTING].concat()).env("PATH", &self.path)
    }

    /// The answer of a call that must succeed; what it says is kept.
    fn json(&mut self, args: &[&str]) -> Value {
        let ran = self.call(&[args, &["--format", "json", "-v"]].concat()).run().exits(0);
        self.said += ran.text();
        self.said += ran.errors();
        ran.json()
    }

    /// The same for people.
    fn text(&mut self, args: &[&str]) {
        let ran = self.call(&[args, &["-v"]].concat()).run().exits(0);
        self.said += ran.text();
        self.said += ran.errors();
    }

    /// The mirrors of the profile.
    fn mirrors(&self, tables: &str) {
        let profile = self.workspace.checkout.read("profiles/coder.toml");
        let begin = profile.find("\n[[kind.mirror]]").unwrap_or(profile.len());
        self.workspace.checkout.write("profiles/coder.toml", &format!("{}{tables}", &profile[..begin]));
    }

    fn credentials(&self, secret: &str) {
        let entry = |secret: &str| json!({ "auth": packed(secret) });
        let config = json!({ "auths": { HUB: entry(secret), "other.example": entry("others-secret") } });
        self.workspace.checkout.write("home/hub.json", &config.to_string());
    }

    /// A file as the node has it.
    #[track_caller]
    fn seen(&self, path: &str) -> String {
        docker(["exec", &self.workspace.node(), "cat", path])
    }

    #[track_caller]
    fn assert_credentials(&self, secret: &str) {
        let seen: Value = serde_json::from_str(&self.seen("/var/lib/kubelet/config.json")).unwrap();
        assert_eq!(seen, json!({ "auths": { HUB: { "auth": packed(secret) } } }));
    }
}

/// As Docker keeps a password.
fn packed(secret: &str) -> String {
    STANDARD.encode(format!("me:{secret}"))
}

fn authority() -> String {
    let key = rcgen::KeyPair::generate().unwrap();
    rcgen::CertificateParams::new(["mirror.example".to_owned()]).unwrap().self_signed(&key).unwrap().pem()
}

const HUB_MIRRORS: &str = "
[[kind.mirror]]
registry = \"docker.io\"
endpoints = [\"https://mirror.example:5000\", \"http://second.example\"]
ca = \"home/ca.pem\"
";
const OTHER_MIRRORS: &str = "
[[kind.mirror]]
registry = \"registry.example:5000\"
endpoints = [\"http://third.example:80\"]
";

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn mirrors_and_credentials_change_in_a_running_node() {
    let mut bed = Bed::new();
    let authority = authority();
    bed.workspace.checkout.write("home/ca.pem", &authority);
    bed.mirrors(HUB_MIRRORS);
    bed.credentials("first-secret");
    bed.text(&["up", "--dry-run"]);
    assert!(!bed.workspace.state("kind").exists());
    assert_eq!(bed.json(&["up"])["change"], "created");
    let node = bed.workspace.node();
    let life = bed.workspace.life(&node);
    let hub = "/etc/containerd/certs.d/docker.io";
    let expected = "server = \"https://registry-1.docker.io\"\n\n\
                    [host.\"https://mirror.example:5000\"]\n  capabilities = [\"pull\", \"resolve\"]\n  \
                    ca = \"/etc/xtask/certs.d/docker.io/ca.crt\"\n\n\
                    [host.\"http://second.example\"]\n  capabilities = [\"pull\", \"resolve\"]\n  \
                    ca = \"/etc/xtask/certs.d/docker.io/ca.crt\"";
    assert_eq!(bed.seen(&format!("{hub}/hosts.toml")), expected);
    assert_eq!(bed.seen("/etc/xtask/certs.d/docker.io/ca.crt"), authority.trim());
    bed.assert_credentials("first-secret");
    let private = files::mode(&bed.workspace.state("kind/node/docker-config.json"));
    assert_eq!((private, files::mode(&bed.workspace.state("kind/node"))), (0o600, 0o700));

    // Other ones, and shorter, in the node as it runs.
    bed.mirrors(
        &HUB_MIRRORS.replace("\"https://mirror.example:5000\", ", "").replace("ca = \"home/ca.pem\"\n", ""),
    );
    bed.credentials("2nd-secret");
    bed.text(&["up", "--dry-run"]);
    bed.assert_credentials("first-secret");
    let answer = bed.json(&["up"]);
    let told = json!(["the credentials for Docker Hub", "the mirrors of `docker.io`"]);
    assert_eq!((&answer["change"], &answer["repaired"]), (&json!("repaired"), &told));
    assert!(!bed.seen(&format!("{hub}/hosts.toml")).contains("mirror.example"));
    assert_eq!(docker(["exec", &node, "ls", hub]), "hosts.toml");
    bed.assert_credentials("2nd-secret");

    // One comes, and one goes.
    bed.mirrors(OTHER_MIRRORS);
    let answer = bed.json(&["up"]);
    assert_eq!(
        answer["repaired"],
        json!(["the mirrors of `docker.io`", "the mirrors of `registry.example:5000`"])
    );
    let listed = docker(["exec", &node, "ls", "/etc/containerd/certs.d"]);
    assert_eq!(listed, "registry.example:5000");
    assert_eq!(bed.json(&["up"])["change"], "already");
    assert_eq!(bed.workspace.life(&node), life, "it was started anew");

    for verb in ["status", "render", "kubeconfig"] {
        bed.json(&[verb]);
    }
    bed.text(&["status"]);
    bed.text(&["render"]);
    let argv = fs::read_to_string(bed.workspace.root().join("argv")).unwrap();
    assert!(argv.contains("create cluster") && argv.contains("run "), "{argv}");
    let inspected = docker(["inspect", &node]);
    let logged = docker(["logs", &node]);
    let running = docker(["exec", &node, "ps", "-o", "args"]);
    let places =
        [("said", &bed.said), ("argv", &argv), ("inspect", &inspected), ("log", &logged), ("ps", &running)];
    for secret in ["first-secret", "2nd-secret", "others-secret"] {
        for (place, text) in places {
            let is_there = text.contains(secret) || text.contains(&packed(secret));
            assert!(!is_there, "`{secret}` is in {place}:\n{text}");
        }
    }
    bed.text(&["down"]);
    assert_nothing(&bed.workspace);
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
    crate::own::made(&workspace, &sets);
    let node = workspace.node();
    let running = docker(["exec", &node, "ps", "-o", "args"]);
    for argument in [
        "--quota-backend-bytes=1073741824",
        "--auto-compaction-mode=periodic",
        "--auto-compaction-retention=300s",
        "--audit-policy-file=/etc/kubernetes/audit-policy.yaml",
        "--audit-log-path=/var/log/kubernetes/audit.log",
        "--audit-log-maxage=7",
        "--audit-log-maxsize=100",
        "--audit-log-maxbackup=3",
    ] {
        assert!(running.contains(argument), "`{argument}` is not in:\n{running}");
    }
    let api = workspace.kubernetes();
    let metadata = json!({ "name": "audited" });
    api.create(
        "/api/v1/namespaces",
        &json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": metadata }),
    );
    let log = || docker(["exec", &node, "cat", "/var/log/kubernetes/audit.log"]);
    crate::wait::until("the request in the audit log", || {
        let line = |line: &str| serde_json::from_str::<Value>(line).ok();
        log().lines().filter_map(line).any(|it| {
            it["verb"] == "create"
                && it["objectRef"]["resource"] == "namespaces"
                && it["objectRef"]["name"] == "audited"
        })
    });
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
