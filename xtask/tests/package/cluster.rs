//! A cluster with a Gitea, as the profile `onprem` has it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fake_gitea::{ADMIN, ADMIN_PASSWORD, Certificate, FakeGitea, Options};
use fake_kube::FakeKube;
use fake_kube::objects::{managed_by, namespace, pod, service};
use serde_json::{Value, json};

use crate::debian::Debian;

/// Where releases are seeded to.
pub const REPOSITORY: &str = "argocd/edge-manageability-framework";
const KUBECONFIG: &str = "etc/rancher/rke2/rke2.yaml";

/// What the machine's RKE2 would be.
pub struct Cluster {
    pub kube: FakeKube,
    pub gitea: FakeGitea,
}

impl Cluster {
    /// A cluster whose kubeconfig is in `debian`, and which has no Gitea yet.
    pub fn of(debian: &Debian) -> Self {
        let options = Options { certificate: Some(Certificate::signed()), address: None };
        let cluster = Self { kube: FakeKube::start(), gitea: FakeGitea::start_with(options).unwrap() };
        let path = debian.path(KUBECONFIG);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, cluster.kube.kubeconfig()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        for name in ["gitea", "orch-platform", "argocd"] {
            cluster.kube.apply(&namespace(name));
        }
        cluster
    }

    /// Installs Gitea, as its chart does.
    pub fn install_gitea(&self) {
        let certificate = self.gitea.options().certificate.clone().unwrap();
        self.secret("gitea-tls-certs", &[("ca.crt", certificate.authority_pem())]);
        self.secret("gitea-cred", &[("username", ADMIN), ("password", ADMIN_PASSWORD)]);
        self.kube.apply(&pod("gitea", "gitea-0"));
        self.kube.apply(&service("gitea", "gitea-http").port(443, None));
        self.kube.apply(&json!({
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": {
                "namespace": "gitea", "name": "gitea-http-1",
                "labels": { "kubernetes.io/service-name": "gitea-http" },
            },
            "ports": [{ "name": "port-443", "port": 3000, "protocol": "TCP" }],
            "endpoints": [{
                "addresses": ["10.244.0.7"], "conditions": { "ready": true },
                "targetRef": { "kind": "Pod", "namespace": "gitea", "name": "gitea-0" },
            }],
        }));
        let address = self.gitea.url().strip_prefix("https://").unwrap().parse().unwrap();
        self.kube.forward("gitea", "gitea-0", 3000, address);
    }

    /// The newest commit.
    pub fn head(&self) -> Option<String> {
        self.gitea.head(REPOSITORY, "main")
    }

    fn secret(&self, name: &str, data: &[(&str, &str)]) {
        let data: Value =
            data.iter().map(|(key, text)| ((*key).to_owned(), json!(STANDARD.encode(text)))).collect();
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
            "metadata": { "namespace": "gitea", "name": name },
            "data": data,
        });
        self.kube.apply(&managed_by(&secret, "helm"));
    }
}
