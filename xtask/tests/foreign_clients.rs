//! Clients of other makes, each with its own TLS, through the router of a
//! running platform.
//!
//! `XTASK_TEST_OPENSSL`, `XTASK_TEST_CURL` and `XTASK_TEST_GO` name the
//! programs; otherwise they are sought in `PATH`. `cargo xtask test` provides
//! them.
#![allow(clippy::unwrap_used, reason = "tests panic")]
#![allow(clippy::disallowed_methods, reason = "tests start foreign programs")]

mod fixture;
mod support;

use std::env;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use fixture::Platform;
use fixture::splitter::Splitter;

/// Largest payload of a segment in an Ethernet frame, in bytes.
const SEGMENT: usize = 1460;
/// In a key share: the group X25519MLKEM768 and its length of 1,216 bytes.
const POST_QUANTUM_SHARE: [u8; 4] = [0x11, 0xec, 0x04, 0xc0];
/// A host, the certificate's subject and the body that it must get.
const HOSTS: [(&str, &str, &str); 5] = [
    ("argo.local.internal", "argo", "argo: stand-in for argocd/argocd-server\n"),
    ("argocd.local.internal", "argo", "argo: stand-in for argocd/argocd-server\n"),
    ("gitea.local.internal", "gitea", "a Git server for releases, to be read\n"),
    ("local.internal", "orchestrator", "orchestrator: stand-in for orch-gateway/traefik\n"),
    ("fake.host", "orchestrator", "orchestrator: stand-in for orch-gateway/traefik\n"),
];

fn program(name: &str) -> Command {
    let variable = format!("XTASK_TEST_{}", name.to_uppercase());
    Command::new(env::var_os(variable).unwrap_or_else(|| OsString::from(name)))
}

/// Standard output of a command that must succeed.
#[track_caller]
fn output(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{stderr}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

#[test]
#[ignore = "needs openssl; run by `cargo xtask test`"]
fn openssl_verifies_the_right_certificate() {
    let (platform, _) = Platform::up();
    let https = platform.listener("https").to_string();
    for (host, subject, _) in HOSTS {
        let mut client = program("openssl");
        client.args(["s_client", "-connect", &https, "-servername", host, "-verify_hostname", host]);
        client.arg("-verify_return_error").arg("-CAfile").arg(platform.state("ca.pem"));
        // Versions differ in the spaces around `=`.
        let said = output(&mut client).replace(' ', "");
        assert!(said.contains(&format!("\nsubject=CN={subject}\n")), "{host}: {said}");
        assert!(said.contains("\nVerification:OK\n"), "{host}: {said}");
    }
}

#[test]
#[ignore = "needs curl; run by `cargo xtask test`"]
fn curl_gets_the_right_page() {
    let (platform, up) = Platform::up();
    let raw = ("edge.local.internal", "edge", "edge: stand-in for orch-gateway/traefik\n");
    let https = HOSTS.map(|host| (host, platform.listener("https")));
    for ((host, _, body), listener) in https.into_iter().chain([(raw, platform.listener("raw"))]) {
        let (ip, port) = (listener.ip(), listener.port());
        let mut client = program("curl");
        client.args(["--silent", "--show-error", "--fail", "--noproxy", "*"]);
        client.args(["--resolve", &format!("{host}:{port}:{ip}"), &format!("https://{host}:{port}/")]);
        client.arg("--cacert").arg(platform.state("ca.pem"));
        assert_eq!(output(&mut client), body, "{host}");
    }
    let shown = up["example"].as_str().unwrap().split(' ').map(|word| word.trim_matches('\''));
    let mut shown = shown.skip_while(|word| *word != "curl").skip(1).peekable();
    assert!(shown.peek().is_some(), "{}", up["example"]);
    let mut client = program("curl");
    client.args(["--silent", "--noproxy", "*"]).args(shown).current_dir(platform.root());
    assert_eq!(output(&mut client), HOSTS[0].2);
}

#[test]
#[ignore = "needs go; run by `cargo xtask test`"]
fn go_sends_a_hello_of_two_segments() {
    let (platform, _) = Platform::up();
    let folder = tempfile::tempdir().unwrap();
    let client = build_go_client(folder.path());
    let https = platform.listener("https");
    for (host, subject, body) in HOSTS {
        // In the header, within the first segment, at its end, near the end.
        for first in [3, 700, SEGMENT, SEGMENT + 1] {
            let splitter = Splitter::new(https, first);
            let said = output(&mut go_client(&client, splitter.address(), host, &platform.state("ca.pem")));
            let hello = splitter.hello();
            assert!(hello.len() > SEGMENT, "the hello has {} bytes", hello.len());
            assert!(hello.windows(4).any(|bytes| bytes == POST_QUANTUM_SHARE), "no post-quantum share");
            assert!(said.starts_with(&format!("{subject}\n")) && said.ends_with(body), "{host}: {said}");
        }
    }
}

fn go_client(client: &Path, address: SocketAddr, host: &str, authority: &Path) -> Command {
    let mut command = Command::new(client);
    command.args([&address.to_string(), host]).arg(authority);
    command
}

/// Builds with a cache that outlives the test, among Cargo's.
fn build_go_client(folder: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("testbed/go-client");
    let client = folder.join("go-client");
    let mut go = program("go");
    go.args(["build", "-o"]).arg(&client).arg(".").current_dir(source);
    go.env("GOCACHE", Path::new(env!("CARGO_TARGET_TMPDIR")).join("go")).env("GOTOOLCHAIN", "local");
    go.env("CGO_ENABLED", "0").env("GOFLAGS", "").env("GOWORK", "off");
    output(&mut go);
    client
}
