//! A checkout with a cluster, a Docker and a Helm that only write down what
//! they are asked.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fake_kube::FakeKube;
use fake_kube::objects::{daemon_set, deployment, namespace};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::docker::FakeDocker;
use crate::support::{Call, Checkout};

pub const NAMESPACE: &str = "metallb-system";

/// All that a call meets.
pub struct Bed {
    pub checkout: Checkout,
    pub kube: FakeKube,
    docker: FakeDocker,
}

impl Bed {
    /// A cluster with nothing in it, in the network that kind makes.
    pub fn new() -> Self {
        Self::in_network(&["172.18.0.0/16"], &[("node", "172.18.0.2/16")])
    }

    pub fn in_network(subnets: &[&str], containers: &[(&str, &str)]) -> Self {
        let checkout = Checkout::new();
        let docker = FakeDocker::start(checkout.root(), subnets, containers);
        let bed = Self { checkout, kube: FakeKube::start(), docker };
        bed.checkout.write("kubeconfig", &bed.kube.kubeconfig());
        bed.helm("v3.19.0");
        bed
    }

    /// Puts a Helm of this version in `PATH`, which writes its arguments into
    /// the file `helm.log` and fails if there is a file `helm.fails`.
    pub fn helm(&self, version: &str) {
        let root = self.checkout.root().display();
        let script = format!(
            "#!/bin/sh\nif [ \"$1\" = version ]; then echo {version}; exit; fi\n\
             echo \"$KUBECONFIG$HELM_KUBEAPISERVER$HELM_KUBETOKEN $*\" >> {root}/helm.log\n\
             if [ -e {root}/helm.fails ]; then cat {root}/helm.fails >&2; exit 1; fi\n"
        );
        self.checkout.write("bin/helm", &script);
        fs::set_permissions(self.bin().join("helm"), fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn bin(&self) -> PathBuf {
        self.checkout.root().join("bin")
    }

    /// What Helm was asked to do, a line for each call.
    pub fn asked(&self) -> String {
        fs::read_to_string(self.checkout.root().join("helm.log")).unwrap_or_default()
    }

    /// `metallb` with these words, in the profile `coder`.
    pub fn metallb(&self, words: &str) -> Call {
        let words = words.split_whitespace();
        let global = ["--kubeconfig", "kubeconfig", "--profile", "coder"];
        let call = self.checkout.xtask(["metallb"].into_iter().chain(words).chain(global));
        let path = format!("{}:/usr/bin:/bin", self.bin().display());
        call.env("DOCKER_HOST", &self.docker.host).env("PATH", path)
    }

    /// The id of the workspace, as it is in names and labels.
    pub fn workspace(&self) -> String {
        // FNV-1a of the path.
        let path = self.checkout.root().to_str().unwrap().as_bytes().to_owned();
        let digest = path.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("{digest:016x}")
    }

    /// What Helm writes down of a release with our values, or with none.
    pub fn release(&self, status: &str, version: &str, ours: bool) {
        let values = json!({
            "speaker": { "frr": { "enabled": false } },
            "frrk8s": { "enabled": false },
            "global": { "xtask": { "workspace": self.workspace(), "profile": "coder" } },
        });
        let release = json!({
            "info": { "status": status },
            "chart": { "metadata": { "version": version } },
            "config": if ours { values } else { json!({}) },
        });
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(release.to_string().as_bytes()).unwrap();
        let text = STANDARD.encode(STANDARD.encode(packer.finish().unwrap()));
        self.kube.apply(&json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": "sh.helm.release.v1.metallb.v1", "namespace": NAMESPACE,
                "labels": { "owner": "helm", "name": "metallb", "status": status, "version": "1" },
            },
            "data": { "release": text },
        }));
    }

    /// The controller, of which so many pods are available, and the speaker.
    pub fn workloads(&self, available: u32) {
        let labelled = |mut object: Value, component: &str| {
            object["metadata"]["labels"] = json!({
                "app.kubernetes.io/name": "metallb", "app.kubernetes.io/component": component,
                "app.kubernetes.io/version": "v0.13.11",
            });
            object
        };
        self.kube.apply(&namespace(NAMESPACE));
        let controller = deployment(NAMESPACE, "metallb-controller", 1, available);
        self.kube.apply(&labelled(controller.into(), "controller"));
        self.kube.apply(&labelled(daemon_set(NAMESPACE, "metallb-speaker", 1, 1).into(), "speaker"));
    }

    /// As `metallb apply` leaves it.
    pub fn installed(&self) {
        self.release("deployed", "0.13.11", true);
        self.workloads(1);
        self.metallb("apply").run().exits(0);
    }

    /// A pool of somebody else.
    pub fn foreign_pool(&self, name: &str, addresses: &str) {
        self.kube.apply(&json!({
            "apiVersion": "metallb.io/v1beta1",
            "kind": "IPAddressPool",
            "metadata": { "name": name, "namespace": NAMESPACE },
            "spec": { "addresses": [addresses] },
        }));
    }

    /// The addresses of a pool.
    pub fn addresses(&self, pool: &str) -> Vec<String> {
        let pool = self.kube.get("IPAddressPool", NAMESPACE, pool).unwrap();
        serde_json::from_value(pool["spec"]["addresses"].clone()).unwrap()
    }
}
