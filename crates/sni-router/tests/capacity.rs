//! Many connections, and few file descriptors.
//!
//! Parts that need a process of their own run in this test program again, as
//! one of the ignored tests at the end.
#![expect(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use routing::{EntryPoint, RoutingTable};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sni_router::{Event, Listener, PauseCause, Router, Settings, Snapshot};
use support::{Running, client_hello, echo, patient, route, wait_until};
use tokio::io::AsyncWriteExt;

const IDLE: usize = 5000;
/// Clients of a router that has this many file descriptors.
const CROWD: usize = 60;
const FEW_FILES: u64 = 64;
/// Names the backend's address to the process with the starved router.
const BACKEND: &str = "SNI_ROUTER_TEST_BACKEND";

/// This test program again, as another process that ends with its standard input.
struct Helper {
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Helper {
    /// Runs the ignored test `role`.
    fn start(role: &str, backend: Option<SocketAddr>) -> Self {
        #[expect(clippy::disallowed_methods, reason = "the process is this test itself")]
        let mut command = std::process::Command::new(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "--nocapture", role]);
        command.envs(backend.map(|address| (BACKEND, address.to_string())));
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        Self { input: process.stdin.take(), process, output }
    }

    /// What the next line that starts with `> ` says; the rest is the test harness's.
    fn line(&mut self) -> String {
        let mut lines = (&mut self.output).lines().map(Result::unwrap);
        lines.find_map(|line| line.strip_prefix("> ").map(str::to_owned)).unwrap()
    }

    fn ask(&mut self) -> Report {
        self.input.as_ref().unwrap().write_all(b"\n").unwrap();
        serde_json::from_str(&self.line()).unwrap()
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        drop(self.input.take());
        self.process.wait().unwrap();
    }
}

/// What the starved router tells: its counters, and how often it paused.
#[derive(serde::Serialize, serde::Deserialize)]
struct Report {
    snapshot: Snapshot,
    paused: usize,
    resumed: usize,
}

fn limit_files(files: Option<u64>) {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let limit = Rlimit { current: files.or(maximum).or(current), maximum };
    setrlimit(Resource::Nofile, limit).unwrap();
}

fn expect_echo(client: &mut TcpStream, bytes: &[u8]) {
    let mut echoed = vec![0; bytes.len()];
    client.read_exact(&mut echoed).unwrap();
    assert_eq!(echoed, bytes);
}

#[test]
fn five_thousand_idle_connections_stay_open() {
    // Two for each in the router, one in this client.
    limit_files(None);
    let mut backend = Helper::start("role_echo", None);
    let address = backend.line().parse().unwrap();
    let settings = Settings { max_connections: IDLE, ..Settings::default() };
    let running = Running::start(vec![route("argo", Some(address))], settings);
    let mut clients: Vec<_> = (0..IDLE).map(|_| running.client("argo.kind.internal")).collect();
    for client in &mut clients {
        expect_echo(client, &client_hello(Some("argo.kind.internal")));
    }
    assert_eq!(running.route("argo").active, IDLE as u64);
    for client in &mut clients {
        client.write_all(b"still here").unwrap();
        expect_echo(client, b"still here");
    }
    assert_eq!(running.route("argo").accepted, IDLE as u64);
    assert!(running.events().is_empty());
    drop(clients);
    wait_until("all are closed", || running.router.snapshot().active == 0);
}

#[test]
fn without_file_descriptors_clients_wait_and_nobody_is_cut() {
    let mut router = Helper::start("role_starved_router", Some(echo()));
    let address: SocketAddr = router.line().parse().unwrap();
    let (served, leave) = (AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        for _ in 0..CROWD {
            scope.spawn(|| {
                let hello = client_hello(Some("argo.kind.internal"));
                let mut client = patient(TcpStream::connect(address).unwrap());
                client.write_all(&hello).unwrap();
                expect_echo(&mut client, &hello);
                served.fetch_add(1, Ordering::Relaxed);
                wait_until("all may leave", || leave.load(Ordering::Relaxed));
                client.write_all(b"not cut").unwrap();
                expect_echo(&mut client, b"not cut");
            });
        }
        wait_until("file descriptors run out", || router.ask().paused > 0);
        wait_until("some are served", || served.load(Ordering::Relaxed) >= 10);
        // Nobody has left, and each takes two file descriptors.
        assert!(served.load(Ordering::Relaxed) as u64 <= FEW_FILES / 2);
        leave.store(true, Ordering::Relaxed);
    });
    assert_eq!(served.into_inner(), CROWD);
    let at_rest = |report: Report| report.snapshot.active == 0 && report.paused == report.resumed;
    wait_until("all are closed and accepting goes on", || at_rest(router.ask()));
    let Report { snapshot, .. } = router.ask();
    assert!(snapshot.totals.failures.is_empty(), "{:?}", snapshot.totals);
    assert_eq!(snapshot.routes[0].accepted, CROWD as u64);
}

#[test]
fn a_table_is_refused_when_loops_cannot_be_ruled_out() {
    let mut router = Helper::start("role_router_without_files", None);
    assert_eq!(router.line(), "the addresses of this machine cannot be listed");
}

/// Waits for the end of standard input, on which the parent's life depends.
fn until_the_parent_ends(mut at_line: impl FnMut()) {
    std::io::stdin().lines().map_while(Result::ok).for_each(|_| at_line());
}

#[test]
#[ignore = "a process that the tests above start"]
fn role_echo() {
    limit_files(None);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let listener = sni_router::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    println!("\n> {}", listener.local_addr().unwrap());
    let serve = async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let (mut reader, mut writer) = stream.split();
                // A client that goes is what ends it.
                let _ = tokio::io::copy(&mut reader, &mut writer).await;
                let _ = writer.shutdown().await;
            });
        }
    };
    thread::spawn(move || runtime.block_on(serve));
    until_the_parent_ends(|| {});
}

#[test]
#[ignore = "a process that the tests above start"]
fn role_starved_router() {
    #[expect(clippy::disallowed_methods, reason = "how the parent names the backend")]
    let Ok(backend) = std::env::var(BACKEND) else { return };
    limit_files(Some(FEW_FILES));
    let settings = Settings { workers: 2, max_connections: 1000, ..Settings::default() };
    let running = Running::start(vec![route("argo", Some(backend.parse().unwrap()))], settings);
    println!("\n> {}", running.address);
    until_the_parent_ends(|| {
        let events = running.events();
        let count = |is: fn(&Event) -> bool| events.iter().filter(|&event| is(event)).count();
        let report = Report {
            snapshot: running.router.snapshot(),
            paused: count(|it| matches!(it, Event::AcceptPaused { cause: PauseCause::OutOfFiles, .. })),
            resumed: count(|it| matches!(it, Event::AcceptResumed { .. })),
        };
        println!("\n> {}", serde_json::to_string(&report).unwrap());
    });
}

#[test]
#[ignore = "a process that the tests above start"]
fn role_router_without_files() {
    let socket = sni_router::bind("0.0.0.0:0".parse().unwrap()).unwrap();
    let elsewhere = ([192, 0, 2, 1], socket.local_addr().unwrap().port()).into();
    let listener = Listener { entry_point: EntryPoint::Https, socket };
    let table = |backend| RoutingTable::new(vec![route("argo", backend)]).unwrap();
    let router = Router::start(vec![listener], table(None), Settings::default(), Arc::new(|_| {})).unwrap();
    limit_files(Some(0));
    let applied = router.apply(table(Some(elsewhere)));
    println!("\n> {}", applied.map_or_else(|refused| refused.to_string(), |_| "applied".into()));
    until_the_parent_ends(|| {});
}
