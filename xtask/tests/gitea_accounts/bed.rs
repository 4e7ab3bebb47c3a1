//! A checkout with a cluster and a Gitea that runs in it.

use std::cell::RefCell;
use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fake_gitea::{ADMIN, ADMIN_PASSWORD, Certificate, FakeGitea, Options};
use fake_kube::FakeKube;
use fake_kube::objects::{managed_by, namespace, pod, service};
use serde_json::{Value, json};

use crate::support::{Call, Checkout, Ran};

pub const SECRETS: &str = "orch-platform";
/// The accounts of the profile `coder`, and their secrets.
pub const ACCOUNTS: [(&str, &str); 4] = [
    (ADMIN, "admin-gitea-credential"),
    ("argocd", "argocd-gitea-credential"),
    ("apporch", "app-gitea-credential"),
    ("clusterorch", "cluster-gitea-credential"),
];

/// All that a call meets.
pub struct Bed {
    pub checkout: Checkout,
    pub kube: FakeKube,
    pub gitea: FakeGitea,
    /// Passwords that there were for a while.
    seen: RefCell<Vec<String>>,
}

impl Bed {
    /// A Gitea that runs, with its administrator in a secret, and nothing else.
    pub fn new() -> Self {
        let bed = Self::with(Certificate::signed());
        bed.secret("admin-gitea-credential", &[("username", ADMIN), ("password", ADMIN_PASSWORD)]);
        bed
    }

    /// The same without the administrator's secret.
    pub fn with(certificate: Certificate) -> Self {
        let trusted = certificate.authority_pem().to_owned();
        let options = Options { certificate: Some(certificate), address: None };
        let gitea = FakeGitea::start_with(options).unwrap();
        let bed =
            Self { checkout: Checkout::new(), kube: FakeKube::start(), gitea, seen: RefCell::default() };
        bed.checkout.write("kubeconfig", &bed.kube.kubeconfig());
        for name in ["gitea", SECRETS, "argocd"] {
            bed.kube.apply(&namespace(name));
        }
        bed.certificate("ca.crt", &trusted);
        bed.runs(true);
        bed
    }

    /// Where Gitea listens.
    pub fn address(&self) -> SocketAddr {
        self.gitea.url().strip_prefix("https://").unwrap().parse().unwrap()
    }

    /// The secret with Gitea's certificate holds this.
    pub fn certificate(&self, key: &str, pem: &str) {
        self.kube.apply(&json!({
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
            "metadata": { "namespace": "gitea", "name": "gitea-tls-certs" },
            "data": { key: STANDARD.encode(pem) },
        }));
    }

    /// Gitea's service, of which a pod runs that is ready, or is not.
    pub fn runs(&self, ready: bool) {
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
                "addresses": ["10.244.0.7"], "conditions": { "ready": ready },
                "targetRef": { "kind": "Pod", "namespace": "gitea", "name": "gitea-0" },
            }],
        }));
        self.kube.forward("gitea", "gitea-0", 3000, self.address());
    }

    /// A secret of somebody else.
    pub fn secret(&self, name: &str, data: &[(&str, &str)]) {
        let data: Value =
            data.iter().map(|(key, text)| ((*key).to_owned(), json!(STANDARD.encode(text)))).collect();
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
            "metadata": { "namespace": SECRETS, "name": name },
            "data": data,
        });
        self.kube.apply(&managed_by(&secret, "kubectl-create"));
    }

    /// What a secret holds, if there is one.
    pub fn held(&self, name: &str) -> Option<Value> {
        let secret = self.kube.get("Secret", SECRETS, name)?;
        let decode =
            |text: &Value| String::from_utf8(STANDARD.decode(text.as_str().unwrap()).unwrap()).unwrap();
        let data = secret["data"].as_object().unwrap();
        Some(data.iter().map(|(key, text)| (key.clone(), json!(decode(text)))).collect())
    }

    /// A password in a secret.
    #[track_caller]
    pub fn password(&self, secret: &str, key: &str) -> String {
        self.held(secret).unwrap()[key].as_str().unwrap().to_owned()
    }

    /// Changes a key of a secret that is ours, in our name.
    pub fn tamper(&self, secret: &str, key: &str, text: Option<&str>) {
        let mut object = self.kube.get("Secret", SECRETS, secret).unwrap();
        match text {
            Some(text) => object["data"][key] = json!(STANDARD.encode(text)),
            None => drop(object["data"].as_object_mut().unwrap().remove(key)),
        }
        self.kube.apply(&object);
    }

    /// `gitea accounts` with these words, in the profile `coder`.
    pub fn call(&self, words: &str) -> Call {
        let global = ["--kubeconfig", "kubeconfig", "--profile", "coder"];
        self.checkout.xtask(["gitea", "accounts"].into_iter().chain(words.split_whitespace()).chain(global))
    }

    /// Runs it to its end; no password, old or new, is in what it says.
    #[track_caller]
    pub fn run(&self, words: &str) -> Ran {
        self.note();
        let ran = self.call(words).run();
        self.note();
        for secret in self.seen.borrow().iter() {
            let encoded = STANDARD.encode(secret);
            for said in [ran.text(), ran.errors()] {
                assert!(!said.contains(secret.as_str()) && !said.contains(&encoded), "{secret} is in {said}");
            }
        }
        ran
    }

    /// Remembers all passwords that there are.
    fn note(&self) {
        let mut seen = self.seen.borrow_mut();
        seen.extend(self.gitea.users().into_iter().map(|user| user.password));
        let held = ACCOUNTS.iter().filter_map(|(_, secret)| self.held(secret));
        let keys =
            held.flat_map(|held| ["password", "next"].map(|key| held[key].as_str().map(str::to_owned)));
        seen.extend(keys.flatten());
        seen.retain(|secret| !secret.is_empty());
        seen.sort_unstable();
        seen.dedup();
    }

    /// Asserts that every account opens with its secret's password, and that
    /// no secret has anything else.
    #[track_caller]
    pub fn fits(&self) {
        for (account, secret) in ACCOUNTS {
            let password =
                self.gitea.user(account).unwrap_or_else(|| panic!("no account {account}")).password;
            let held = self.held(secret).unwrap_or_else(|| panic!("no secret {secret}"));
            assert_eq!(held, json!({ "username": account, "password": password }), "{secret}");
        }
    }

    /// Requests that would change something, of both.
    pub fn changes(&self) -> usize {
        let kube = self.kube.requests().iter().filter(|request| !request.verb.is_read()).count();
        kube + self.gitea.requests().iter().filter(|request| request.method != "GET").count()
    }
}
