//! Each fault does what it says, as git and a plain HTTP client see it.
#![allow(clippy::unwrap_used, reason = "tests panic")]

mod common;

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{Shutdown, TcpStream},
    path::PathBuf,
    time::{Duration, Instant},
};

use common::{Client, INFRA, LIMIT, gitea, with_password};
use fake_gitea::{ADMIN, FakeGitea, Fault};

type Response = ureq::http::Response<ureq::Body>;

fn get(gitea: &FakeGitea, path: &str) -> Result<Response, ureq::Error> {
    let request = ureq::get(format!("{}{path}", gitea.url()));
    request.config().http_status_as_error(false).max_redirects(0).timeout_global(Some(LIMIT)).build().call()
}

fn text(response: &mut Response) -> String {
    response.body_mut().read_to_string().unwrap()
}

/// A work tree with one commit.
fn tree(client: &Client) -> PathBuf {
    client.tree("work", &[("a.txt", b"hello\n")])
}

/// A commit in a repository that is there already, and a work tree after it.
fn behind(gitea: &FakeGitea, client: &Client) -> PathBuf {
    gitea.commit(INFRA, "main", &[("a.txt", "1\n")]);
    client.git(client.path(), &["clone", "--quiet", &with_password(gitea, INFRA), "work"]).ok();
    let tree = client.path().join("work");
    client.git(&tree, &["commit", "--quiet", "--allow-empty", "--message=two"]).ok();
    tree
}

#[test]
fn a_status_comes_with_its_headers_as_often_as_said() {
    let gitea = gitea();
    let fault = Fault::status(429).header("retry-after", "1").body("slow down").path("/api/*").method("GET");
    gitea.faults().push(fault.times(1));
    let mut refused = get(&gitea, "/api/v1/version").unwrap();
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].to_str().unwrap()), (429, "1"));
    assert_eq!(text(&mut refused), "slow down");
    assert_eq!(get(&gitea, "/api/v1/version").unwrap().status(), 200);
}

#[test]
fn a_fault_is_for_its_path_alone() {
    let gitea = gitea();
    gitea.faults().push(Fault::status(500).path("*info/refs?service=git-upload-pack"));
    let refs =
        |service: &str| get(&gitea, &format!("/{INFRA}.git/info/refs?service={service}")).unwrap().status();
    assert_eq!(refs("git-upload-pack"), 500);
    assert_eq!(refs("git-receive-pack"), 401);
    gitea.faults().clear();
    assert_eq!(refs("git-upload-pack"), 200);
}

#[test]
fn a_redirect_is_a_status() {
    let gitea = gitea();
    gitea.faults().push(Fault::status(302).header("location", "https://elsewhere.invalid/"));
    let moved = get(&gitea, "/api/v1/version").unwrap();
    assert_eq!(
        (moved.status().as_u16(), moved.headers()["location"].to_str().unwrap()),
        (302, "https://elsewhere.invalid/")
    );
}

#[test]
fn a_page_is_no_answer_to_a_client() {
    let gitea = gitea();
    gitea.faults().push(Fault::page(200));
    let mut page = get(&gitea, "/api/v1/version").unwrap();
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    assert!(text(&mut page).starts_with("<!DOCTYPE html>"));
}

#[test]
fn latencies_add_up() {
    let gitea = gitea();
    let pause = Duration::from_millis(50);
    gitea.faults().push(Fault::latency(pause));
    gitea.faults().push(Fault::latency(pause));
    let start = Instant::now();
    assert_eq!(get(&gitea, "/api/v1/version").unwrap().status(), 200);
    assert!(start.elapsed() >= pause * 2);
}

#[test]
fn silence_lasts_until_the_client_goes() {
    let gitea = gitea();
    gitea.faults().push(Fault::silence().times(1));
    let mut stream = TcpStream::connect(gitea.url().trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream.write_all(b"GET /api/v1/version HTTP/1.1\r\nHost: gitea\r\n\r\n").unwrap();
    gitea.wait_for(LIMIT, |gitea| gitea.requests().len() == 1);
    // Who comes later is answered, and the first one never.
    assert_eq!(get(&gitea, "/api/v1/version").unwrap().status(), 200);
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);
}

#[test]
fn an_early_answer_does_not_wait_for_the_body() {
    let gitea = gitea();
    gitea.faults().push(Fault::status(413).early());
    let mut stream = TcpStream::connect(gitea.url().trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream.write_all(b"POST /x HTTP/1.1\r\nHost: gitea\r\nContent-Length: 1000000\r\n\r\nabc").unwrap();
    let mut start = [0; 12];
    stream.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 413");
}

#[test]
fn an_answer_ends_after_so_many_bytes() {
    let gitea = gitea();
    gitea.faults().push(Fault::cut_response(5));
    let mut stream = TcpStream::connect(gitea.url().trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream.write_all(b"GET /api/v1/version HTTP/1.1\r\nHost: gitea\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    assert_eq!(stream.read_to_end(&mut answer).unwrap_err().kind(), ErrorKind::ConnectionReset);
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.ends_with("\r\n5\r\n{\"ver\r\n"), "{answer:?}");
}

#[test]
fn a_type_is_wrong_and_the_answer_right() {
    let gitea = gitea();
    gitea.faults().push(Fault::content_type("text/plain"));
    let mut answer = get(&gitea, "/api/v1/version").unwrap();
    assert_eq!(answer.headers()["content-type"], "text/plain");
    assert_eq!(text(&mut answer), "{\"version\":\"1.26.0\"}");
}

#[test]
fn an_upload_that_is_cut_changes_nothing() {
    let (gitea, client) = (gitea(), Client::new());
    let tree = tree(&client);
    for bytes in [0, 4, 100, 200] {
        // The client's curl may ask once more.
        gitea.faults().push(Fault::cut_request(bytes).push());
        let ran = client.git(&tree, &["push", &with_password(&gitea, INFRA), "main"]);
        assert!(!ran.is_ok, "after {bytes} bytes: {}", ran.text);
        assert_eq!(gitea.head(INFRA, "main"), None, "after {bytes} bytes");
        gitea.faults().clear();
    }
    client.git(&tree, &["push", &with_password(&gitea, INFRA), "main"]).ok();
}

#[test]
fn what_the_lost_answer_was_about_is_done() {
    let (gitea, client) = (gitea(), Client::new());
    let tree = tree(&client);
    gitea.faults().push(Fault::lost_answer().push());
    assert!(!client.git(&tree, &["push", &with_password(&gitea, INFRA), "main"]).is_ok);
    let pushed = client.git(&tree, &["rev-parse", "HEAD"]).ok();
    assert_eq!(gitea.head(INFRA, "main").as_deref(), Some(pushed.trim_end()));
}

#[test]
fn an_upload_shorter_than_the_cut_loses_its_answer() {
    let (gitea, client) = (gitea(), Client::new());
    let tree = tree(&client);
    gitea.faults().push(Fault::cut_request(1 << 20).push());
    assert!(!client.git(&tree, &["push", &with_password(&gitea, INFRA), "main"]).is_ok);
    assert!(gitea.head(INFRA, "main").is_some());
}

#[test]
fn another_writer_comes_first() {
    let (gitea, client) = (gitea(), Client::new());
    let tree = behind(&gitea, &client);
    let first = gitea.head(INFRA, "main").unwrap();
    gitea.faults().push(Fault::other_writer(INFRA, "main").push().times(1));
    client.git(&tree, &["push", "origin", "main"]).fails("[remote rejected]");
    let other = gitea.head(INFRA, "main").unwrap();
    assert_eq!(gitea.git(INFRA, &["rev-parse", "main^"]), first);
    assert!(gitea.git(INFRA, &["ls-tree", "--name-only", &other]).contains("other-writer-"));
}

#[test]
fn another_writer_makes_the_branch() {
    let (gitea, client) = (gitea(), Client::new());
    let tree = tree(&client);
    gitea.faults().push(Fault::other_writer(INFRA, "main").push().times(1));
    client.git(&tree, &["push", &with_password(&gitea, INFRA), "main"]).fails("[remote rejected]");
    assert_eq!(gitea.git(INFRA, &["rev-list", "--count", "main"]), "1");
}

#[test]
fn what_git_would_say_can_be_said_for_it() {
    let (gitea, client) = (gitea(), Client::new());
    let tree = tree(&client);
    let line = |text: &str| format!("{:04x}{text}", text.len() + 4);
    let report = format!("{}{}0000", line("unpack ok\n"), line("ng refs/heads/main not today\n"));
    let body = format!("{}{}0000", line("\u{2}hello\n"), line(&format!("\u{1}{report}")));
    let said = Fault::status(200).header("content-type", "application/x-git-receive-pack-result").body(body);
    gitea.faults().push(said.push());
    let ran = client.git(&tree, &["push", &with_password(&gitea, INFRA), "main"]);
    assert!(ran.text.contains("remote: hello"), "{}", ran.text);
    ran.fails("! [remote rejected] main -> main (not today)");
    gitea.faults().clear();
    let body = line("\u{3}the disk is full\n") + "0000";
    let said = Fault::status(200).header("content-type", "application/x-git-receive-pack-result").body(body);
    gitea.faults().push(said.push());
    let ran = client.git(&tree, &["push", &with_password(&gitea, INFRA), "main"]);
    ran.fails("remote: the disk is full");
}

#[test]
fn a_git_whose_client_is_gone_ends_with_the_server() {
    let gitea = gitea();
    let token = gitea.add_token(ADMIN, "all", &["all"]);
    let mut stream = TcpStream::connect(gitea.url().trim_start_matches("http://")).unwrap();
    let head = format!(
        "POST /{INFRA}.git/git-receive-pack HTTP/1.1\r\nHost: gitea\r\nAuthorization: token {token}\r\n\
         Content-Type: application/x-git-receive-pack-request\r\nContent-Length: 1000\r\n\r\n00"
    );
    stream.write_all(head.as_bytes()).unwrap();
    gitea.wait_for(LIMIT, |gitea| gitea.requests().first().is_some_and(|request| request.body_bytes() == 2));
    let root = gitea.root().to_owned();
    drop(gitea);
    assert!(!root.exists());
}
