//! A router in front of an orchestrator, whose TLS ends at Traefik for the
//! names under an external domain.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::cluster_bed::Bed;
use crate::router::Compose;
use crate::stand_in::StandIn;
use crate::support::{Call, copy};
use crate::web::{Answer, Authority, Identity, serve_at};

/// The external domain.
pub const DOMAIN: &str = "lab.example.com";
const INTERNAL: [&str; 3] = ["kind.internal", "web-ui.kind.internal", "keycloak.kind.internal"];
/// Below the root of the checkout.
const PLUGINS: &str = "plugins";

/// The router, and what it is given. That is outside of the workspace.
pub struct Sandbox {
    pub bed: Bed,
    pub external: Authority,
    internal: Authority,
    orchestrator: Identity,
    given: TempDir,
    edges: Vec<StandIn>,
}

impl Sandbox {
    /// The orchestrator is at 127.0.0.2, and there is a certificate for its names.
    pub fn new(compose: Compose) -> Self {
        let (external, internal) = (Authority::new(), Authority::new());
        let orchestrator = internal.identity(&INTERNAL);
        let (bed, given) = (Bed::new(compose), tempfile::tempdir().unwrap());
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
        for suite in ["docker", "traefik"] {
            copy(&tests.join(suite).join("plugins/src"), &bed.router.checkout.root().join(PLUGINS));
        }
        let mut sandbox = Self { bed, external, internal, orchestrator, given, edges: Vec::new() };
        sandbox.write("ca.pem", &sandbox.internal.pem());
        sandbox.renew(&[DOMAIN, &format!("*.{DOMAIN}")]);
        sandbox.serve_at("127.0.0.2");
        sandbox.bed.expose("orch-gateway", Some("127.0.0.2"));
        sandbox
    }

    /// Serves what the orchestrator's Service leads to on another address.
    pub fn serve_at(&mut self, ip: &str) {
        let port = self.bed.router.backends()["orchestrator"].port();
        serve_at(SocketAddr::new(ip.parse().unwrap(), port), &self.orchestrator);
        self.edges.push(self.bed.other("edge", ip, "edge"));
    }

    /// Gives it a new certificate and key.
    pub fn renew(&self, names: &[&str]) -> Identity {
        let identity = self.external.identity(names);
        self.write("cert.pem", &identity.certificate.pem());
        self.write("key.pem", &identity.key.serialize_pem());
        identity
    }

    /// Writes one of the files that are given.
    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.given.path().join(name)
    }

    /// `router start` or `router restart` with all that a sandbox takes; of
    /// settings in `args` the last wins.
    pub fn call(&self, verb: &str, args: &[&str]) -> Call {
        self.call_for(DOMAIN, verb, args)
    }

    /// The same for another domain.
    pub fn call_for(&self, domain: &str, verb: &str, args: &[&str]) -> Call {
        let [certificate, key, authority] =
            ["cert.pem", "key.pem", "ca.pem"].map(|name| self.path(name).display().to_string());
        let sources = format!("sandbox.plugins.sources={PLUGINS}");
        let own = [
            "router",
            verb,
            "--external-domain",
            domain,
            "--tls-cert",
            &certificate,
            "--tls-key",
            &key,
            "--ca",
            &authority,
            "--set",
            &sources,
        ];
        self.bed.call(&[&own, args].concat())
    }

    /// The answer of one that must succeed.
    #[track_caller]
    pub fn json(&self, verb: &str) -> Value {
        self.call(verb, &["--format", "json"]).run().exits(0).json()
    }

    /// What is answered under the external domain, to who trusts its authority.
    pub fn external(&self, name: &str, path: &str) -> std::io::Result<Answer> {
        let host = format!("{name}.{DOMAIN}");
        self.external.get(self.bed.router.https, &host, &host, path)
    }

    /// What is answered under the internal domain, to who trusts the orchestrator.
    #[track_caller]
    pub fn internal(&self, name: &str, path: &str) -> Answer {
        let host = format!("{name}.kind.internal");
        let answer = self.internal.get(self.bed.router.https, &host, &host, path).unwrap();
        assert_eq!(answer.certificate, *self.orchestrator.certificate.der());
        answer
    }

    /// Whether the answer for the external name comes from this address.
    pub fn is_answered_at(&self, ip: &str) -> bool {
        let at = format!("\nAt: {ip}:");
        self.external("web-ui", "/").is_ok_and(|answer| answer.status == 200 && answer.body.contains(&at))
    }
}
