//! The files of a sandbox, as they are recorded for the tests of `render`, in
//! force in a real Traefik: with addresses and folders of this test.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use crate::plugins;
use crate::support::Checkout;
use crate::traefik::Traefik;
use crate::web::{Answer, Authority, Identity, serve};

const INTERNAL: [&str; 3] = ["kind.internal", "web-ui.kind.internal", "keycloak.kind.internal"];

/// A Traefik between clients that trust the external authority and two services.
struct Sandbox {
    checkout: Checkout,
    external: Authority,
    internal: Authority,
    identity: Identity,
    orchestrator: Identity,
    boots: Identity,
}

impl Sandbox {
    fn new() -> Self {
        let (external, internal) = (Authority::new(), Authority::new());
        let checkout = Checkout::new();
        let identity = external.identity(&["lab.example.com", "*.lab.example.com"]);
        checkout.write("tls/cert.pem", &identity.certificate.pem());
        checkout.write("tls/key.pem", &identity.key.serialize_pem());
        checkout.write("tls/ca.pem", &internal.pem());
        plugins::provide(&checkout);
        let orchestrator = internal.identity(&INTERNAL);
        let boots = internal.identity(&["boots.example", "new.lab.example.com"]);
        Self { checkout, external, internal, identity, orchestrator, boots }
    }

    fn start(&self, recorded: &str, orchestrator: &Identity) -> Traefik {
        let services = [serve(orchestrator), serve(&self.boots)];
        Traefik::start_with(&self.checkout, |ports| self.render(recorded, services, ports))
    }

    fn render(&self, name: &str, services: [SocketAddr; 2], [https, raw, api]: [SocketAddr; 3]) {
        let tls = self.checkout.root().join("tls").display().to_string();
        let [orchestrator, boots] = services.map(|address| address.to_string());
        let text = recorded("sandbox-traefik.yml")
            .replace("10.0.0.7:443\"", &format!("{https}\""))
            .replace("10.0.0.7:4433", &raw.to_string())
            .replace("127.0.0.1:8099", &api.to_string());
        self.checkout.write("compose/coder/router/traefik.yml", &text);
        let text = recorded(name)
            .replace("172.18.255.30:443", &orchestrator)
            .replace("172.18.255.40:443", &boots)
            .replace("/etc/traefik/tls", &tls);
        assert!(!text.contains("172.18."), "{text}");
        self.checkout.write("compose/coder/router/dynamic/routes.yml", &text);
    }

    /// An answer that came with the external certificate.
    #[track_caller]
    fn get(&self, traefik: &Traefik, host: &str, path: &str) -> Answer {
        let answer = self.external.get(traefik.https, host, host, path).unwrap();
        assert_eq!(answer.certificate, *self.identity.certificate.der());
        answer
    }
}

fn recorded(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/render/recorded");
    fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
#[ignore = "needs traefik and go; run by cargo xtask test"]
fn external_names_lead_to_internal_ones() {
    let sandbox = Sandbox::new();
    let traefik = sandbox.start("sandbox-routes.yml", &sandbox.orchestrator);
    let routers = traefik.api("/api/http/routers");
    let routers = routers.as_array().unwrap();
    assert!(routers.iter().all(|router| router["status"] == "enabled"), "{routers:#?}");
    assert_eq!(
        routers.iter().filter(|router| router["name"].as_str().unwrap().starts_with("sandbox-")).count(),
        6
    );

    for (host, path, body, policy) in [
        ("web-ui", "/", "kind.internal", "lab.example.com"),
        ("web-ui", "/runtime-config.js", "lab.example.com", "lab.example.com"),
        ("keycloak", "/realms/master/.well-known/openid-configuration", "lab.example.com", "kind.internal"),
        ("keycloak", "/runtime-config.js", "kind.internal", "kind.internal"),
    ] {
        let answer = sandbox.get(&traefik, &format!("{host}.lab.example.com"), path);
        assert_eq!(answer.status, 200, "{answer:#?}");
        // The dot of the domain is a dot: `kindxinternal` stays.
        let start = format!("https://keycloak.{body}/ kindxinternal\nGET {path} HTTP/1.1\n");
        assert!(answer.body.starts_with(&start), "{host}{path} {answer:#?}");
        let policy = format!("Content-Security-Policy: connect-src https://*.{policy} kindxinternal");
        assert!(answer.headers.contains(&policy), "{host}{path} {answer:#?}");
        let encoding = if body == "lab.example.com" { "identity" } else { "gzip" };
        for line in [
            format!("Host: {host}.kind(internal)"),
            format!("X-Forwarded-Host: {host}.lab.example.com"),
            format!("Accept-Encoding: {encoding}"),
            format!("SNI: {host}.kind(internal)"),
        ] {
            assert!(answer.body.lines().any(|it| it == line), "{line}: {answer:#?}");
        }
    }
    let bare = sandbox.get(&traefik, "lab.example.com", "/");
    assert!(bare.body.contains("\nHost: kind(internal)\n"), "{bare:#?}");
}

#[test]
#[ignore = "needs traefik and go; run by cargo xtask test"]
fn internal_names_still_pass_through() {
    let sandbox = Sandbox::new();
    let traefik = sandbox.start("sandbox-routes.yml", &sandbox.orchestrator);
    for host in INTERNAL {
        let answer = sandbox.internal.get(traefik.https, host, host, "/runtime-config.js").unwrap();
        assert_eq!(answer.certificate, *sandbox.orchestrator.certificate.der());
        assert!(answer.body.starts_with("https://keycloak.kind.internal/ "), "{answer:#?}");
        assert!(!answer.body.contains("X-Forwarded"), "{answer:#?}");
    }
    // A name that is not served goes on to the catch-all.
    for host in ["boots.example", "new.lab.example.com"] {
        let answer = sandbox.internal.get(traefik.https, host, host, "/").unwrap();
        assert_eq!(answer.certificate, *sandbox.boots.certificate.der());
    }
    // And a request leads nowhere that the connection was not for.
    for host in ["web-ui.kind.internal", "new.lab.example.com"] {
        let answer = sandbox.external.get(traefik.https, "web-ui.lab.example.com", host, "/").unwrap();
        assert_eq!(answer.status, 404, "{answer:#?}");
    }
}

#[test]
#[ignore = "needs traefik and go; run by cargo xtask test"]
fn a_service_that_is_not_the_orchestrators_is_refused() {
    let sandbox = Sandbox::new();
    let foreign = Authority::new().identity(&INTERNAL);
    let traefik = sandbox.start("sandbox-routes.yml", &foreign);
    assert_eq!(sandbox.get(&traefik, "web-ui.lab.example.com", "/").status, 500);
}

#[test]
#[ignore = "needs traefik and go; run by cargo xtask test"]
fn a_certificate_for_another_name_is_refused() {
    let sandbox = Sandbox::new();
    let traefik = sandbox.start("sandbox-routes.yml", &sandbox.orchestrator);
    assert_eq!(sandbox.get(&traefik, "vault.lab.example.com", "/").status, 500);
}

#[test]
#[ignore = "needs traefik and go; run by cargo xtask test"]
fn without_a_backend_nobody_else_answers() {
    let sandbox = Sandbox::new();
    let traefik = sandbox.start("sandbox-routes-absent.yml", &sandbox.orchestrator);
    for path in ["/", "/runtime-config.js"] {
        let answer = sandbox.get(&traefik, "web-ui.lab.example.com", path);
        assert_eq!(answer.status, 503, "{answer:#?}");
    }
}

#[test]
#[ignore = "needs traefik and go; run by cargo xtask test"]
fn without_its_plugins_traefik_does_not_start() {
    let sandbox = Sandbox::new();
    fs::remove_dir_all(sandbox.checkout.root().join("plugins-local")).unwrap();
    let services = [serve(&sandbox.orchestrator), serve(&sandbox.boots)];
    let log =
        Traefik::fails_with(&sandbox.checkout, |ports| sandbox.render("sandbox-routes.yml", services, ports));
    assert!(log.contains("subfilter"), "{log}");
}
