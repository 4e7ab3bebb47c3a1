//! The program against a direct connection and small routers of the test's own.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;

use serde_json::Value;
use tempfile::TempDir;

const HOSTS: [&str; 6] =
    ["argo.test", "boots.test", "git.test", "orchestrator.test", "vault.test", "web.test"];

/// Hosts and their backends.
type Routes = Vec<(String, SocketAddr)>;

/// A started program that has printed its routes.
struct Bench {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
    routes: Routes,
    _names: TempDir,
}

impl Bench {
    #[expect(clippy::disallowed_methods, reason = "the program under test")]
    fn start(arguments: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let names = directory.path().join("names");
        std::fs::write(&names, HOSTS.join("\n")).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_bench"))
            .arg("--names")
            .arg(&names)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let routes: Vec<Value> = serde_json::from_str(&line).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let routes =
            routes.iter().map(|route| (text(&route["host"]), text(&route["backend"]).parse().unwrap()));
        Self { child, stdout, routes: routes.collect(), _names: directory }
    }

    /// Runs with `targets`; returns stdout, stderr and success.
    fn finish(mut self, targets: &str) -> (String, String, bool) {
        self.child.stdin.take().unwrap().write_all(targets.as_bytes()).unwrap();
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.stdout.read_to_string(&mut stdout).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        (stdout, stderr, self.child.wait().unwrap().success())
    }
}

/// Serves until the test ends.
fn router(routes: Routes) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let routes = Arc::new(routes);
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            let routes = Arc::clone(&routes);
            thread::spawn(move || relay(client, &routes));
        }
    });
    address
}

/// Routes by the name whose bytes are somewhere in the hello. Errors are the
/// clients' to see.
fn relay(mut client: TcpStream, routes: &Routes) -> io::Result<()> {
    let mut hello = [0; 517];
    client.read_exact(&mut hello)?;
    let asked = |host: &str| hello.windows(host.len()).any(|bytes| bytes == host.as_bytes());
    let (_, backend) = routes.iter().find(|(host, _)| asked(host)).ok_or(io::ErrorKind::NotFound)?;
    let mut server = TcpStream::connect(backend)?;
    server.write_all(&hello)?;
    let (back, front) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || carry(back, front));
    carry(client, server)
}

fn carry(mut from: TcpStream, mut to: TcpStream) -> io::Result<()> {
    let carried = io::copy(&mut from, &mut to);
    // Either side may be gone.
    _ = to.shutdown(Shutdown::Write);
    if carried.is_err() {
        _ = from.shutdown(Shutdown::Both);
        _ = to.shutdown(Shutdown::Both);
    }
    carried.map(drop)
}

#[test]
fn compares_a_router_with_a_direct_connection() {
    let bench = Bench::start(&["--quick", "--rounds", "2", "--idle", "20"]);
    assert_eq!(bench.routes.len(), HOSTS.len());
    let address = router(bench.routes.clone());
    let own_pid = std::process::id();
    let (stdout, stderr, success) = bench.finish(&format!("relay={address},pid={own_pid}\nrun\n"));
    assert!(success, "{stderr}");
    assert!(stderr.contains("round 2 of 2"), "{stderr}");

    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(report["schema"], 1);
    let targets = report["targets"].as_array().unwrap();
    let names: Vec<&Value> = targets.iter().map(|target| &target["name"]).collect();
    assert_eq!(names, ["direct", "relay"]);
    for target in targets {
        let metrics = target["metrics"].as_object().unwrap();
        assert_eq!(metrics.len(), 5);
        for (metric, series) in metrics {
            let rounds = series["rounds"].as_array().unwrap();
            assert_eq!(rounds.len(), 2);
            assert!(rounds.iter().all(|figure| figure.as_f64().unwrap() > 0.0), "{metric}: {series}");
        }
    }
    assert!(targets[0]["memory"].is_null());
    assert_eq!(targets[1]["memory"]["idle_connections"], 20);
    assert!(targets[1]["memory"]["start_bytes"].as_u64().unwrap() > 0);
}

#[test]
fn fails_when_the_wrong_backend_answers() {
    let bench = Bench::start(&["--quick"]);
    let first = bench.routes[0].1;
    let routes = bench.routes.iter().map(|(host, _)| (host.clone(), first)).collect();
    let address = router(routes);
    let (stdout, stderr, success) = bench.finish(&format!("stubborn={address}\nrun\n"));
    assert!(!success);
    assert_eq!(stdout, "");
    assert!(stderr.contains("`stubborn` failed for"), "{stderr}");
    assert!(stderr.contains("was meant"), "{stderr}");
}

#[test]
fn measures_nothing_when_its_caller_goes_away() {
    let (stdout, stderr, success) = Bench::start(&[]).finish("");
    assert!(!success);
    assert_eq!(stdout, "");
    assert!(stderr.contains("before a line `run`"), "{stderr}");
}
