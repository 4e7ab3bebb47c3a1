//! Files and names that no sandbox can be served with: refused before anything is made.

use std::fs;

use rcgen::{CertificateParams, KeyPair, date_time_ymd};

use crate::router::Compose;
use crate::sandbox_bed::{DOMAIN, Sandbox};
use crate::support::Call;

/// Asserts that a start is refused for this reason, and that nothing was made.
#[track_caller]
fn refused(sandbox: &Sandbox, start: Call, status: i32, reason: &str) {
    let ran = start.run().exits(status).stdout("");
    let said = ran.errors();
    assert!(said.starts_with("error: the sandbox cannot be served\n"), "{said}");
    assert!(said.contains(reason), "`{reason}` is not in:\n{said}");
    let root = sandbox.bed.router.checkout.root();
    assert!(!root.join("compose").exists() && !root.join(".xtask/coder/router.json").exists());
    sandbox.bed.assert_gone();
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn files_that_cannot_be_served_are_refused() {
    let sandbox = Sandbox::new(Compose::V2);
    let names = [DOMAIN, &format!("*.{DOMAIN}")];
    let refused = |reason: &str| refused(&sandbox, sandbox.call("start", &[]), 3, reason);
    let good = sandbox.renew(&names);

    sandbox.write("key.pem", &KeyPair::generate().unwrap().serialize_pem());
    refused("key.pem` is not the key of `--tls-cert ");
    sandbox.write(
        "key.pem",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA==\n-----END ENCRYPTED PRIVATE KEY-----\n",
    );
    refused("key.pem` is encrypted");
    fs::remove_file(sandbox.path("key.pem")).unwrap();
    refused("key.pem` cannot be read: No such file or directory");
    sandbox.write("key.pem", &good.key.serialize_pem());

    sandbox.write("cert.pem", "no certificate");
    refused("cert.pem` holds no certificate");
    sandbox.renew(&[DOMAIN]);
    refused("cert.pem` does not cover `alerting-monitor.lab.example.com`");
    let mut params = CertificateParams::new(names.map(str::to_owned)).unwrap();
    params.not_after = date_time_ymd(2021, 1, 1);
    params.not_before = date_time_ymd(2020, 1, 1);
    let key = KeyPair::generate().unwrap();
    sandbox.write("cert.pem", &params.self_signed(&key).unwrap().pem());
    sandbox.write("key.pem", &key.serialize_pem());
    refused("cert.pem` expired");

    sandbox.renew(&names);
    sandbox.write("ca.pem", &good.certificate.pem());
    refused("ca.pem` holds a certificate, number 1, that is not an authority's");
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn what_else_is_asked_for_is_checked_as_well() {
    let sandbox = Sandbox::new(Compose::V2);
    let start = sandbox.call("start", &["--set", "sandbox.plugins.sources=nowhere"]);
    refused(&sandbox, start, 3, ".traefik.yml` is not a file");
    let start = sandbox.call_for("kind.internal", "start", &[]);
    refused(&sandbox, start, 2, "`--external-domain kind.internal`");
}
