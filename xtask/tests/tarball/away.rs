//! When a registry is away, and when it is not: only then does serve what was
//! fetched before.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use fake_gitea::{Certificate, FakeGitea, Options};

use crate::artifact::{Artifact, Bed, MANIFESTS, VERSION};
use crate::fake::{Answer, Fake};
use crate::support::{Call, Ran};

/// What `0` stands for: all is as it should be.
type Status = Arc<AtomicU16>;

fn pull(bed: &Bed) -> Ran {
    bed.call(&format!("pull --version {VERSION}")).run()
}

#[track_caller]
fn serves(ran: Ran) {
    let ran = ran.exits(0);
    assert!(ran.text().contains(": was there already\n"), "{}", ran.text());
    assert!(ran.errors().contains("; the tarball that was fetched before is used, "), "{}", ran.errors());
}

#[track_caller]
fn serves_not(ran: Ran, exit: i32, said: &str) {
    let ran = ran.exits(exit).stdout("");
    assert!(ran.errors().starts_with("error: ") && ran.errors().contains(said), "{}", ran.errors());
}

/// Pulls from `registry`, with more `words`, what has been fetched from another,
/// as if it had been that one.
fn pull_as_if(registry: &str, words: &str) -> (Bed, Call) {
    let artifact = Artifact::new();
    let bed = Bed::new(move |request| artifact.answer(request));
    pull(&bed).exits(0);
    let records = bed.checkout.root().join(".xtask/tarballs/references");
    fs::rename(records.join(bed.registry.address.to_string()), records.join(registry)).unwrap();
    let words = format!("tarball pull --version {VERSION} --registry {registry} {words}");
    let call = bed.checkout.xtask(words.split_whitespace());
    (bed, call)
}

#[test]
fn one_that_cannot_be_trusted_is_not_away() {
    let certificate = Certificate::signed();
    let options = Options { certificate: Some(certificate), ..Options::default() };
    let server = FakeGitea::start_with(options).unwrap();
    let address = server.url().strip_prefix("https://").unwrap();
    let (bed, call) = pull_as_if(address, "--registry-ca ca.pem");
    bed.checkout.write("ca.pem", Certificate::signed().authority_pem());
    serves_not(call.run(), 3, "cannot be trusted");
}

#[test]
fn a_wrong_proxy_is_not_a_registry_that_is_away() {
    let (_bed, call) = pull_as_if("registry.invalid", "");
    let ran = call.env("HTTPS_PROXY", "socks5://127.0.0.1:1").run();
    serves_not(ran, 2, "the proxy of the environment is not an http:// one");
    let (_bed, call) = pull_as_if("registry.invalid", "");
    // Nobody is there, so nobody is reached by it.
    serves(call.env("HTTPS_PROXY", "http://127.0.0.1:1").run());
}

#[test]
fn without_the_server_of_its_tokens_it_is_away() {
    let status = Status::default();
    let told = Arc::clone(&status);
    let tokens = Fake::new(move |_| match told.load(Ordering::SeqCst) {
        0 => Answer::ok(r#"{ "token": "t0k3n" }"#),
        status => Answer::status(status),
    });
    let challenge = format!("Bearer realm=\"http://{}/token\"", tokens.address);
    let artifact = Artifact::new();
    let bed = Bed::new(move |request| match request.header("authorization") {
        Some("Bearer t0k3n") => artifact.answer(request),
        _ => Answer::status(401).header("www-authenticate", challenge.clone()),
    });
    pull(&bed).exits(0);
    status.store(503, Ordering::SeqCst);
    serves(pull(&bed));
    status.store(403, Ordering::SeqCst);
    serves_not(pull(&bed), 3, "gives no token");
    drop(tokens);
    serves(pull(&bed));
}

#[test]
fn one_that_knows_of_no_such_version_is_not_away() {
    let status = Status::default();
    let told = Arc::clone(&status);
    let artifact = Artifact::new();
    let bed = Bed::new(move |request| match told.load(Ordering::SeqCst) {
        0 => artifact.answer(request),
        _ if request.path.starts_with(MANIFESTS) => Answer::status(404),
        // So it cannot be told which there are.
        status => Answer::status(status),
    });
    pull(&bed).exits(0);
    status.store(503, Ordering::SeqCst);
    serves_not(pull(&bed), 3, "failed with 503");
}

#[test]
fn one_that_breaks_off_its_answer_is_away() {
    let status = Status::default();
    let told = Arc::clone(&status);
    let artifact = Artifact::new();
    let bed = Bed::new(move |request| match told.load(Ordering::SeqCst) {
        0 => artifact.answer(request),
        _ => artifact.answer(request).cut(20),
    });
    pull(&bed).exits(0);
    status.store(1, Ordering::SeqCst);
    serves(pull(&bed));
}
