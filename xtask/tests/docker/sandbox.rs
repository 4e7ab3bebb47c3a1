//! `router start --external-domain` in a real Docker, from its files to its end.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::docker::{docker, program};
use crate::router::Compose;
use crate::sandbox_bed::{DOMAIN, Sandbox};
use crate::wait;
use crate::watch;
use crate::web::Identity;

/// The key of the certificate, in the container.
const KEY: &str = "/etc/traefik/tls/key.pem";

pub fn serves_external_names_beside_internal_ones(compose: Compose) {
    let sandbox = Sandbox::new(compose);
    let identity = sandbox.renew(&[DOMAIN, &format!("*.{DOMAIN}")]);
    let started = sandbox.json("start");
    sandbox.bed.assert_proven(&started);
    let policy =
        |domain: &str| format!("Content-Security-Policy: connect-src https://*.{domain} kindxinternal");
    for (path, named) in [("/", "kind.internal"), ("/runtime-config.js", DOMAIN)] {
        let answer = sandbox.external("web-ui", path).unwrap();
        assert_eq!(answer.certificate, *identity.certificate.der());
        assert_eq!(answer.status, 200, "{answer:#?}");
        assert!(
            answer.body.starts_with(&format!("https://keycloak.{named}/ kindxinternal\n")),
            "{answer:#?}"
        );
        assert!(answer.headers.contains(&policy(DOMAIN)), "{answer:#?}");
        assert!(answer.body.contains("\nSNI: web-ui.kind(internal)\n"), "{answer:#?}");
    }
    let answer = sandbox.internal("web-ui", "/runtime-config.js");
    assert!(answer.body.starts_with("https://keycloak.kind.internal/ "), "{answer:#?}");
    assert!(answer.headers.contains(&policy("kind.internal")), "{answer:#?}");
    assert!(!answer.body.contains("X-Forwarded"), "{answer:#?}");

    assert_eq!(sandbox.json("start")["change"], "already");
    sandbox.bed.call(&["router", "stop"]).run().exits(0).stdout("the router has stopped\n");
    sandbox.bed.assert_gone();
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn the_key_is_in_its_volume_alone() {
    let sandbox = Sandbox::new(Compose::V2);
    let identity = sandbox.renew(&[DOMAIN, &format!("*.{DOMAIN}")]);
    let ran = sandbox.call("start", &["--log-level", "DEBUG", "--format", "json"]).run().exits(0);
    let mut shown = vec![ran.text().to_owned(), ran.errors().to_owned()];
    for args in [
        ["router", "status", "--format", "json"].as_slice(),
        &["router", "logs", "--format", "json"],
        &["router", "sync", "--format", "json"],
    ] {
        let ran = sandbox.bed.call(args).run().exits(0);
        shown.extend([ran.text().to_owned(), ran.errors().to_owned()]);
    }
    let [id] = &sandbox.bed.router.containers()[..] else { panic!("there is one container") };
    let [volume] = &sandbox.bed.router.volumes()[..] else { panic!("there is one volume") };
    shown.push(docker(["inspect", id]));
    shown.push(docker(["volume", "inspect", volume]));
    let logs = Command::new(program()).args(["logs", id]).output().unwrap();
    shown.extend([logs.stdout, logs.stderr].map(|log| String::from_utf8(log).unwrap()));
    for text in &shown {
        assert!(!holds_key(text.as_bytes(), &identity), "{text}");
    }
    no_file_holds_key(sandbox.bed.router.checkout.root(), &identity);

    // A tar: the name of the file, its mode and its owner in octal.
    let archive = docker(["cp", &format!("{id}:{KEY}"), "-"]);
    assert!(archive.starts_with("key.pem\0") && holds_key(archive.as_bytes(), &identity));
    let [mode, owner] = [100..107, 108..115].map(|field| u32::from_str_radix(&archive[field], 8).unwrap());
    assert_eq!((mode & 0o7777, owner), (0o600, 0));
}

/// Whether a line of the key, or the key itself, is in it.
fn holds_key(content: &[u8], identity: &Identity) -> bool {
    let (pem, der) = (identity.key.serialize_pem(), identity.key.serialize_der());
    let line = pem.lines().nth(1).unwrap().as_bytes();
    let secret = &der[der.len() / 4..];
    [line, secret].iter().any(|part| content.windows(part.len()).any(|window| window == *part))
}

#[track_caller]
fn no_file_holds_key(folder: &Path, identity: &Identity) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        match entry.file_type().unwrap() {
            kind if kind.is_dir() => no_file_holds_key(&path, identity),
            kind if kind.is_file() => {
                assert!(!holds_key(&fs::read(&path).unwrap(), identity), "{}", path.display());
            }
            _ => {}
        }
    }
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn a_renewed_certificate_wants_a_restart() {
    let sandbox = Sandbox::new(Compose::V2);
    let names = [DOMAIN, &format!("*.{DOMAIN}")];
    let old = sandbox.renew(&names);
    sandbox.json("start");
    let new = sandbox.renew(&names);
    sandbox.call("start", &[]).run().exits(1).stdout("").stderr(
        "error: the router runs with other settings: the sandbox's certificate, `docker-compose.yml` or \
         `traefik.yml` was another\n\
         help: run `cargo xtask router restart` with what shall change, or `router stop`, then `start`; \
         open connections will be drained\n",
    );
    let served = || sandbox.external("web-ui", "/").unwrap().certificate;
    assert_eq!(served(), *old.certificate.der());
    // The files are those of the start.
    let restarted = sandbox.bed.json(&["router", "restart"]);
    sandbox.bed.assert_proven(&restarted);
    assert_eq!(served(), *new.certificate.der());
    assert_eq!(sandbox.bed.router.volumes().len(), 1);
    sandbox.call("start", &[]).run().exits(0);
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn a_change_keeps_the_sandbox_also_without_the_originals() {
    let mut sandbox = Sandbox::new(Compose::V2);
    sandbox.json("start");
    assert!(sandbox.is_answered_at("127.0.0.2"));
    for name in ["cert.pem", "key.pem", "ca.pem"] {
        fs::remove_file(sandbox.path(name)).unwrap();
    }
    sandbox.serve_at("127.0.0.3");
    sandbox.bed.expose("orch-gateway", Some("127.0.0.3"));
    wait::until("the watch to follow", || sandbox.is_answered_at("127.0.0.3"));
    assert!(sandbox.internal("web-ui", "/").body.contains("\nAt: 127.0.0.3:"));
    let status = watch::told_of(1, || sandbox.bed.router.status());

    let pid = u32::try_from(status["watch"]["pid"].as_u64().unwrap()).unwrap();
    crate::processes::kill(pid);
    sandbox.bed.expose("orch-gateway", Some("127.0.0.2"));
    let synced = sandbox.bed.json(&["router", "sync"]);
    assert_eq!((&synced["change"], &synced["absent"]), (&json!("reloaded"), &json!([])));
    assert!(sandbox.is_answered_at("127.0.0.2"));
    // An orchestrator that is gone is not answered for by anybody else.
    sandbox.bed.expose("orch-gateway", None);
    assert_eq!(sandbox.bed.json(&["router", "sync"])["change"], "reloaded");
    let gone = || sandbox.external("web-ui", "/").is_ok_and(|answer| answer.status == 503);
    wait::until("the route to be closed", gone);

    let ran = sandbox.bed.call(&["router", "restart"]).run().exits(3).stdout("");
    assert!(ran.errors().contains("cert.pem` cannot be read: No such file or directory"), "{}", ran.errors());
    // What cannot be started again was not stopped.
    assert_eq!(sandbox.bed.router.status()["running"], true);
    sandbox.bed.call(&["router", "stop"]).run().exits(0).stdout("the router has stopped\n");
    sandbox.bed.assert_gone();
}
