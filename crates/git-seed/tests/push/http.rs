//! Seeding over HTTP, with Git's own server behind it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::support::Tree;
use crate::support::git::Repository;
use crate::support::http::{Action, Request, Server};
use git_seed::{Cause, Credentials, EarlyAnswers, Error, HttpRemote, Outcome, Seeded};
use ureq::Agent;
use ureq::config::Config;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Connector as _, TcpConnector};

fn remote(server: &Server) -> HttpRemote {
    HttpRemote::new(Agent::new_with_defaults(), &server.url(), None).unwrap()
}

/// Seeds through a server that follows a script; returns the repository, too.
fn seed_with(
    script: impl Fn(&Request) -> Action + Send + Sync + 'static,
) -> (Repository, Result<Seeded, Error>) {
    let repository = Repository::new();
    let server = Server::scripted(repository.path(), script);
    let credentials = Some(Credentials::basic("ada", "secret-token"));
    let remote = HttpRemote::new(Agent::new_with_defaults(), &server.url(), credentials).unwrap();
    let result = Tree::sample("one").seed(&remote);
    if let Err(error) = &result {
        let shown = format!("{error} {error:?} {} {remote:?}", error.help());
        assert!(!shown.contains("secret") && !shown.contains("YWRhOnNlY3"), "{shown}");
    }
    (repository, result)
}

fn is_push(request: &Request) -> bool {
    request.method == "POST" && request.path.ends_with("/git-receive-pack")
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len())
}

#[test]
fn first_second_and_same_again() {
    let repository = Repository::new();
    let server = Server::new(repository.path());
    let remote = remote(&server);
    let first = Tree::sample("one").seed(&remote).unwrap();
    let second = Tree::sample("two").seed(&remote).unwrap();
    assert!(
        matches!(second.outcome, Outcome::Committed { objects: 4, bytes_sent: 200..=2000 }),
        "{second:?}"
    );
    let third = Tree::sample("two").seed(&remote).unwrap();
    assert_eq!((third.outcome, third.attempts), (Outcome::Already, 0));
    assert_eq!(repository.history(), [second.head.to_string(), first.head.to_string()]);
    repository.check();
}

#[test]
fn a_small_body_has_a_length_and_a_large_one_comes_in_chunks() {
    let seen = Arc::new(AtomicU32::new(0));
    for (bytes, chunked) in [(1000, false), (3_000_000, true)] {
        let count = Arc::clone(&seen);
        let repository = Repository::new();
        let server = Server::scripted(repository.path(), move |request| {
            if is_push(request) {
                assert_eq!(request.headers.contains_key("transfer-encoding"), chunked);
                assert_eq!(request.headers.contains_key("content-length"), !chunked);
                count.fetch_add(1, Ordering::SeqCst);
            }
            Action::Serve
        });
        let tree = Tree::new(&[("noise", &noise(bytes))]);
        let seeded = tree.seed(&remote(&server)).unwrap();
        assert_eq!(repository.head(), seeded.head.to_string());
        repository.check();
    }
    assert_eq!(seen.load(Ordering::SeqCst), 2);
}

/// Text that hardly compresses.
fn noise(bytes: usize) -> String {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b' ' + u8::try_from((state >> 57) % 95).unwrap())
    };
    (0..bytes).map(|_| next()).collect()
}

#[test]
fn credentials_are_sent_to_every_service() {
    let (repository, result) = seed_with(|request| {
        assert_eq!(request.headers["authorization"], "Basic YWRhOnNlY3JldC10b2tlbg==");
        Action::Serve
    });
    assert_eq!(repository.head(), result.unwrap().head.to_string());
}

#[test]
fn each_status_is_told_apart_before_anything_is_sent() {
    type Check = fn(&Cause) -> bool;
    let html = "Content-Type: text/html\r\n";
    let text = "Content-Type: text/plain; charset=utf-8\r\n";
    let cases: [(String, Check); 10] = [
        (answer("401 Unauthorized", "", ""), |cause| matches!(cause, Cause::Unauthorized { given: true })),
        (
            answer("403 Forbidden", text, "it is \x1b[1marchived\n"),
            |cause| matches!(cause, Cause::Forbidden { says } if says == "it is  [1marchived"),
        ),
        (answer("404 Not Found", html, "<html>"), |cause| matches!(cause, Cause::NotFound)),
        (
            answer("301 Moved", "Location: https://me:pw@other/new.git/info/refs?service=x\r\n", ""),
            |cause| matches!(cause, Cause::Redirected { status: 301, to } if to == "https://other/new.git"),
        ),
        (
            answer("400 Bad Request", html, "no"),
            |cause| matches!(cause, Cause::Status { status: 400, says } if says.is_empty()),
        ),
        (answer("411 Length Required", "", ""), |cause| matches!(cause, Cause::LengthRequired)),
        (answer("413 Too Large", "", ""), |cause| matches!(cause, Cause::TooLarge)),
        (
            answer("502 Bad Gateway", text, "down"),
            |cause| matches!(cause, Cause::Server { status: 502, says } if says == "down"),
        ),
        (
            answer("200 OK", html, "<html>log in"),
            |cause| matches!(cause, Cause::NotGit { content_type } if content_type == "text/html"),
        ),
        (
            answer("200 OK", "Content-Type: application/x-git-receive-pack-advertisement\r\n", "what?"),
            |cause| matches!(cause, Cause::Protocol(_)),
        ),
    ];
    for (answer, check) in cases {
        let pushes = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&pushes);
        let text = answer.clone();
        let (repository, result) = seed_with(move |request| {
            count.fetch_add(u32::from(is_push(request)), Ordering::SeqCst);
            Action::Answer(text.clone())
        });
        let error = result.unwrap_err();
        assert!(check(error.cause()), "{answer}: {error}");
        assert_eq!((repository.head(), pushes.load(Ordering::SeqCst)), (String::new(), 0), "{answer}");
    }
}

#[test]
fn statuses_in_answer_to_the_pack_are_told() {
    let large = |request: &Request| {
        if is_push(request) { Action::AnswerLate(answer("413 Too Large", "", "")) } else { Action::Serve }
    };
    let (repository, result) = seed_with(large);
    assert!(matches!(result.unwrap_err().cause(), Cause::TooLarge));
    assert_eq!(repository.head(), "");
}

#[test]
fn a_server_that_wants_no_large_body_is_heard_before_it_is_sent() {
    let repository = Repository::new();
    let server = Server::scripted(repository.path(), |request| {
        if is_push(request) { Action::Answer(answer("411 Length Required", "", "")) } else { Action::Serve }
    });
    let tree = Tree::new(&[("noise", &noise(20_000_000))]);
    let error = tree.seed(&remote(&server)).unwrap_err();
    assert!(matches!(error.cause(), Cause::LengthRequired), "{error}");
}

#[test]
fn an_answer_in_the_middle_of_the_body_is_heard() {
    for (status, large) in [("413 Too Large", 20_000_000), ("411 Length Required", 900_000)] {
        let repository = Repository::new();
        let server = Server::scripted(repository.path(), move |request| {
            if is_push(request) { Action::Break(answer(status, "", "")) } else { Action::Serve }
        });
        let connector = ().chain(TcpConnector::default()).chain(EarlyAnswers::default());
        let agent = Agent::with_parts(Config::default(), connector, DefaultResolver::default());
        let remote = HttpRemote::new(agent, &server.url(), None).unwrap();
        let error = Tree::new(&[("noise", &noise(large))]).seed(&remote).unwrap_err();
        assert!(error.to_string().contains(&status[..3]), "{error}");
        assert!(matches!(error.cause(), Cause::TooLarge | Cause::LengthRequired), "{error}");
        assert_eq!(repository.head(), "");
    }
}

#[test]
fn a_failing_server_is_asked_three_times() {
    let pushes = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&pushes);
    let (repository, result) = seed_with(move |request| {
        if !is_push(request) {
            return Action::Serve;
        }
        count.fetch_add(1, Ordering::SeqCst);
        Action::AnswerLate(answer("503 Service Unavailable", "", ""))
    });
    assert!(matches!(result.unwrap_err().cause(), Cause::Server { status: 503, .. }));
    assert_eq!((repository.head(), pushes.load(Ordering::SeqCst)), (String::new(), 3));
}

#[test]
fn a_server_that_fails_twice_gets_the_commit() {
    let requests = Arc::new(AtomicU32::new(0));
    let (repository, result) = seed_with(move |_| match requests.fetch_add(1, Ordering::SeqCst) {
        0 => Action::Answer(answer("500 Oh", "", "")),
        2 => Action::AnswerLate(answer("504 Timeout", "", "")),
        _ => Action::Serve,
    });
    let seeded = result.unwrap();
    assert_eq!((repository.head(), seeded.attempts), (seeded.head.to_string(), 2));
    assert_eq!(repository.history().len(), 1);
}

#[test]
fn a_lost_answer_to_a_push_that_landed_is_success() {
    for lost in ["", "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"] {
        let pushes = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&pushes);
        let (repository, result) = seed_with(move |request| {
            count.fetch_add(u32::from(is_push(request)), Ordering::SeqCst);
            if is_push(request) { Action::Lose(lost) } else { Action::Serve }
        });
        let seeded = result.unwrap();
        assert!(matches!(seeded.outcome, Outcome::Committed { objects: 28, .. }), "{seeded:?}");
        assert_eq!((repository.head(), seeded.attempts), (seeded.head.to_string(), 1));
        assert_eq!(pushes.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn an_address_with_secrets_is_refused_without_showing_them() {
    let agent = Agent::new_with_defaults();
    for address in ["https://me:secret@host/a.git", "ftp://host/a", "host/a", "https://host/a?x=secret"] {
        let error = HttpRemote::new(agent.clone(), address, None).unwrap_err();
        assert!(matches!(error.cause(), Cause::Address(_)));
        assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
    }
}

#[test]
fn nobody_there_is_told_at_once() {
    let error = Tree::sample("one")
        .seed(&HttpRemote::new(Agent::new_with_defaults(), "http://127.0.0.1:1/a.git", None).unwrap());
    assert!(matches!(error.unwrap_err().cause(), Cause::Unreachable(_)));
}
