//! Clients of the forge that are slow, rude, or go away.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};

use crate::bed::{Bed, run_git, succeeded};
use crate::fixture::wait::{self, NEVER};
use crate::forge::{backends, url};

const REPOSITORY: &str = "/argocd/edge-manageability-framework.git";

/// A forge with a repository that fills every buffer on the way.
fn large() -> Bed {
    let bed = Bed::up();
    bed.seeded(&bed.large_release("1", 16));
    bed
}

fn connect(bed: &Bed) -> TcpStream {
    let url = url(bed);
    let address = url.strip_prefix("http://").unwrap().split('/').next().unwrap();
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(NEVER)).unwrap();
    stream
}

/// What is answered to these bytes until the connection is closed.
fn answer(bed: &Bed, request: &[u8]) -> io::Result<String> {
    let mut stream = connect(bed);
    // It may be closed before all is said.
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    let text = String::from_utf8_lossy(&answer).into_owned();
    if answer.is_empty() { read.map(|_| text) } else { Ok(text) }
}

/// A request for all that is on the branch.
fn fetch(bed: &Bed, end: &str) -> Vec<u8> {
    let body = format!("0032want {}\n00000009done\n", bed.head().unwrap());
    let length = body.len();
    format!(
        "POST {REPOSITORY}/git-upload-pack HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Content-Type: application/x-git-upload-pack-request\r\nContent-Length: {length}\r\n\r\n{body}{end}"
    )
    .into_bytes()
}

#[track_caller]
fn is_well(bed: &Bed) {
    wait::until("the programs to end", || backends(bed).is_empty());
    let folder = tempfile::tempdir().unwrap();
    succeeded(&run_git(folder.path(), &["clone", "-q", "--depth=1", &url(bed), "."]));
}

#[test]
fn requests_for_what_is_not_there() {
    let bed = Bed::up();
    let get = |target: &str| {
        let request = format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        answer(&bed, request.as_bytes()).unwrap()
    };
    assert!(get("/").starts_with("HTTP/1.1 200 OK\r\n"));
    let info = "info/refs?service=git-upload-pack";
    assert!(get(&format!("{REPOSITORY}/{info}")).starts_with("HTTP/1.1 200 OK\r\n"));
    for target in [
        "/../../../../etc/passwd",
        "/argocd/..%2f..%2fca.pem",
        "/%2e%2e/%2e%2e/ca.key",
        &format!("/argocd/../argocd/edge-manageability-framework.git/{info}"),
        &format!("//argocd/edge-manageability-framework.git/{info}"),
        &format!("/argocd/.git/{info}"),
        &format!("/argocd/-x.git/{info}"),
        &format!("{REPOSITORY}/HEAD"),
        &format!("{REPOSITORY}/config"),
        &format!("{REPOSITORY}/objects/info/packs"),
        &format!("{REPOSITORY}/info/refs"),
        &format!("{REPOSITORY}/git-upload-pack"),
        &format!("{REPOSITORY}/git-upload-archive"),
    ] {
        let answer = get(target);
        assert!(answer.starts_with("HTTP/1.1 404 "), "{target}: {answer}");
    }
    for target in [
        &format!("{REPOSITORY}/git-receive-pack"),
        &format!("{REPOSITORY}/info/refs?service=git-receive-pack"),
    ] {
        assert!(get(target).starts_with("HTTP/1.1 403 "), "{target}");
    }
}

#[test]
fn requests_that_are_none() {
    let bed = Bed::up();
    let long = "x".repeat(1 << 20);
    let many: String = (0..1000).map(|number| format!("X-{number}: x\r\n")).collect();
    for request in [
        format!("GET / HTTP/1.1\r\nHost: x\r\nX: {long}\r\n\r\n"),
        format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n"),
        format!("GET / HTTP/1.1\r\n{many}\r\n"),
        "\r\n\r\n\r\nnonsense\r\n\r\n".to_owned(),
        "GET / HTTP/9.9\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n".to_owned(),
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}".to_owned() + &long,
    ] {
        // A connection that is reset was closed before all was read.
        let answer = answer(&bed, request.as_bytes()).unwrap_or_default();
        let start = request.get(..40).unwrap_or(&request);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{start:?}: {answer}");
    }
    is_well(&bed);
}

#[test]
fn bodies_that_are_none() {
    let bed = Bed::up();
    for (headers, body) in [
        ("Content-Length: 9\r\n", "nonsense!"),
        ("Content-Length: 0\r\n", ""),
        ("Transfer-Encoding: chunked\r\n", "5\r\n0000x\r\n0\r\n\r\n"),
        ("Content-Length: 9\r\nContent-Encoding: gzip\r\n", "nonsense!"),
        ("Content-Length: 4\r\nGit-Protocol: version=99:::\r\n", "0000"),
    ] {
        let request = format!(
            "POST {REPOSITORY}/git-upload-pack HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
             Content-Type: application/x-git-upload-pack-request\r\n{headers}\r\n{body}"
        );
        let answer = answer(&bed, request.as_bytes()).unwrap();
        assert!(answer.starts_with("HTTP/1.1 "), "{headers:?}: {answer}");
    }
    is_well(&bed);
}

#[test]
fn slow_clients_are_in_nobodys_way() {
    let bed = Bed::up();
    let slow: Vec<_> = (0..200)
        .map(|_| {
            let mut stream = connect(&bed);
            stream.write_all(b"GET / HTTP/1.1\r\nHo").unwrap();
            stream
        })
        .collect();
    is_well(&bed);
    // In the end they are cut off.
    for mut stream in slow {
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(!String::from_utf8_lossy(&answer).starts_with("HTTP/1.1 200"));
    }
}

#[test]
fn a_client_that_goes_away_in_the_middle() {
    let bed = large();
    for read in [0, 1, 100_000] {
        let mut stream = connect(&bed);
        stream.write_all(&fetch(&bed, "")).unwrap();
        stream.read_exact(&mut vec![0; read]).unwrap();
        wait::until("the program to run", || read == 0 || !backends(&bed).is_empty());
        drop(stream);
        wait::until("the program to end", || backends(&bed).is_empty());
    }
    is_well(&bed);
}

#[test]
fn a_client_that_never_ends_its_question() {
    let bed = large();
    let mut stream = connect(&bed);
    let request = format!(
        "POST {REPOSITORY}/git-upload-pack HTTP/1.1\r\nHost: x\r\n\
         Content-Type: application/x-git-upload-pack-request\r\nContent-Length: 100000\r\n\r\n0032want "
    );
    stream.write_all(request.as_bytes()).unwrap();
    wait::until("the program to run", || !backends(&bed).is_empty());
    drop(stream);
    is_well(&bed);
}

#[test]
fn a_client_that_has_said_all_it_will() {
    let bed = large();
    let mut stream = connect(&bed);
    stream.write_all(&fetch(&bed, "")).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    // Answered or not, it comes to an end.
    let _ = stream.read_to_end(&mut answer);
    is_well(&bed);
}

#[test]
fn clients_that_read_nothing_hold_up_only_themselves() {
    let bed = large();
    let silent: Vec<_> = (0..15)
        .map(|_| {
            let mut stream = connect(&bed);
            stream.write_all(&fetch(&bed, "")).unwrap();
            stream
        })
        .collect();
    wait::until("the programs to run", || backends(&bed).len() == silent.len());
    let folder = tempfile::tempdir().unwrap();
    succeeded(&run_git(folder.path(), &["clone", "-q", "--depth=1", &url(&bed), "."]));
    drop(silent);
    is_well(&bed);
}
