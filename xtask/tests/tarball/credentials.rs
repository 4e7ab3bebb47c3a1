//! Who asks: tokens, users and passwords, and the programs that keep them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::json;

use crate::artifact::{Artifact, Bed, REPOSITORY, VERSION};
use crate::fake::{Answer, Fake};
use crate::support::Call;

/// `me:s3cr3t` as a header has it.
const BASIC: &str = "Basic bWU6czNjcjN0";

/// A registry that wants a token, which another server gives.
struct Guarded {
    bed: Bed,
    tokens: Fake,
}

impl Guarded {
    /// Tokens are given to whoever asks, or to `me` alone.
    fn new(for_all: bool) -> Self {
        let tokens = Fake::new(move |request| match request.header("authorization") {
            Some(BASIC) => Answer::ok(json!({ "access_token": "t0k3n" }).to_string()),
            None if for_all => Answer::ok(json!({ "token": "t0k3n" }).to_string()),
            _ => Answer::status(401),
        });
        let challenge = format!("Bearer realm=\"http://{}/token\",service=\"the registry\"", tokens.address);
        let artifact = Artifact::new();
        let bed = Bed::new(move |request| match request.header("authorization") {
            Some("Bearer t0k3n") => artifact.answer(request),
            _ => Answer::status(401).header("www-authenticate", challenge.clone()),
        });
        Self { bed, tokens }
    }

    /// Docker's configuration where Docker's client has it.
    fn configure(&self, config: &serde_json::Value) {
        let text = config.to_string().replace("HOST", &self.bed.registry.address.to_string());
        self.bed.checkout.write(".docker/config.json", &text);
    }
}

#[test]
fn a_token_for_everybody() {
    let guarded = Guarded::new(true);
    guarded.bed.pull().run().exits(0);
    let [request] = &guarded.tokens.requests()[..] else { panic!("it is asked for once") };
    let scope = format!("repository%3A{}%3Apull", REPOSITORY.replace('/', "%2F"));
    assert_eq!(request.path, format!("/token?service=the+registry&scope={scope}"));
    assert_eq!(request.header("authorization"), None);
}

#[test]
fn a_token_for_the_user_of_dockers_configuration() {
    let guarded = Guarded::new(false);
    let ran = guarded.bed.pull().run().exits(3).stdout("");
    assert!(
        ran.errors().contains(" to who has no credentials\nhelp: run `docker login "),
        "{}",
        ran.errors()
    );
    guarded.configure(&json!({ "auths": { "https://HOST/v2/": { "auth": "bWU6czNjcjN0" } } }));
    let ran = guarded.bed.call(&format!("pull --version {VERSION} --output out --verbose")).run().exits(0);
    assert!(!ran.errors().contains("s3cr3t") && !ran.errors().contains("t0k3n"), "{}", ran.errors());
    guarded.configure(&json!({ "auths": { "HOST": { "auth": "bWU6b3RoZXI=" } } }));
    let ran = guarded.bed.call("list").run().exits(3).stdout("");
    assert!(ran.errors().contains(" to the user in `"), "{}", ran.errors());
}

#[test]
fn a_user_in_a_file() {
    let artifact = Artifact::new();
    let bed = Bed::new(move |request| match request.header("authorization") {
        Some(BASIC) => artifact.answer(request),
        _ => Answer::status(401).header("www-authenticate", "Basic realm=\"x\""),
    });
    let list = |words: &str| bed.call(&format!("list {words}")).run();
    let ran = list("").exits(3).stdout("");
    assert!(ran.errors().contains(" wants credentials for the list of `"), "{}", ran.errors());
    let both =
        json!({ "auths": { bed.registry.address.to_string(): { "username": "me", "password": "s3cr3t" } } });
    for text in ["me:s3cr3t\n".to_owned(), "me:s3cr3t".to_owned(), both.to_string()] {
        bed.checkout.write("keys", &text);
        list("--registry-credentials keys").exits(0);
    }
    for (text, exit, said) in [
        ("me:0th3r", 3, "wants credentials for"),
        ("no pair 0th3r", 2, "holds no credentials"),
        ("me:0th3r\nanother:0th3r\n", 2, "holds no credentials"),
        ("{\"auths\": \"0th3r\"}", 3, "is not a configuration of Docker's client"),
        ("{}", 3, "has no credentials for"),
    ] {
        bed.checkout.write("keys", text);
        let ran = list("--registry-credentials keys").exits(exit).stdout("");
        assert!(ran.errors().contains(said) && !ran.errors().contains("0th3r"), "{}", ran.errors());
    }
    list("--registry-credentials absent").exits(2);
}

/// A program that keeps credentials, and a call that finds it.
fn with_helper(guarded: &Guarded, script: &str, call: Call) -> Call {
    let folder = guarded.bed.checkout.root().join("bin");
    let program = folder.join("docker-credential-kept");
    guarded.bed.checkout.write("bin/docker-credential-kept", &format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let paths = [folder].into_iter().chain(std::env::split_paths(&path));
    call.env("PATH", std::env::join_paths(paths.collect::<Vec<PathBuf>>()).unwrap())
}

#[test]
fn a_program_that_keeps_them() {
    let kept = r#"read -r server; echo "$1 $server" > asked
        echo "{\"ServerURL\": \"$server\", \"Username\": \"me\", \"Secret\": \"s3cr3t\"}""#;
    for config in [
        json!({ "credHelpers": { "HOST": "kept" } }),
        json!({ "credsStore": "kept", "auths": { "HOST": {} } }),
    ] {
        let guarded = Guarded::new(false);
        guarded.configure(&config);
        let ran = with_helper(&guarded, kept, guarded.bed.call("list")).run().exits(0);
        assert!(!ran.errors().contains("s3cr3t"), "{}", ran.errors());
        assert_eq!(guarded.bed.checkout.read("asked"), format!("get {}\n", guarded.bed.registry.address));
    }
}

#[test]
fn a_program_that_fails_or_has_none() {
    let guarded = Guarded::new(true);
    guarded.configure(&json!({ "credsStore": "kept" }));
    let call = |script: &str| with_helper(&guarded, script, guarded.bed.call("list")).run();
    // Then everybody's token will do.
    call("echo 'credentials not found in native keychain'; exit 1").exits(0);
    for (script, said) in [
        ("echo '0th3r'; exit 1", "the credential helper `kept` failed"),
        ("echo '0th3r'", "the credential helper `kept` does not answer as it should"),
        (
            r#"echo '{"Username": "<token>", "Secret": "0th3r"}'"#,
            "the credential helper `kept` keeps a token",
        ),
    ] {
        let ran = call(script).exits(3).stdout("");
        assert!(ran.errors().contains(said) && !ran.errors().contains("0th3r"), "{}", ran.errors());
    }
    guarded.configure(&json!({ "credsStore": "../kept" }));
    let ran = call("exit 0").exits(3).stdout("");
    assert!(ran.errors().contains("has a name that no program has"), "{}", ran.errors());
}

#[test]
fn a_realm_that_leads_astray_gets_nothing() {
    for realm in ["http://registry.example/token", "https://me:pw@127.0.0.1/", "token", ""] {
        let bed = Bed::new(move |_| {
            Answer::status(401).header("www-authenticate", format!("Bearer realm=\"{realm}\""))
        });
        bed.checkout.write("keys", "me:s3cr3t\n");
        let ran = bed.call("list --registry-credentials keys").run().exits(1).stdout("");
        assert!(ran.errors().contains("wants a token from no https:// address"), "{realm}: {}", ran.errors());
    }
}
