//! A Traefik of its own for each test.
#![allow(clippy::disallowed_methods, reason = "tests read the environment and start programs")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use serde_json::Value;

use crate::stand_in::StandIn;
use crate::support::Checkout;

/// How often free ports are looked for: others may take them before Traefik does.
const ATTEMPTS: usize = 5;
/// How long Traefik may take for anything.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A running Traefik; it ends when this is dropped.
pub struct Traefik {
    child: Child,
    log: PathBuf,
    api: SocketAddr,
    pub https: SocketAddr,
    pub raw: SocketAddr,
}

impl Traefik {
    /// Runs it with the files that `router render --write` makes for `stand_ins`.
    pub fn start(checkout: &Checkout, stand_ins: &BTreeMap<&str, StandIn>) -> Self {
        Self::start_with(checkout, |ports| render(checkout, stand_ins, ports))
    }

    /// Runs it with the files that `render` makes for the addresses of the
    /// entry points and the API.
    pub fn start_with(checkout: &Checkout, render: impl Fn([SocketAddr; 3])) -> Self {
        for _ in 0..ATTEMPTS {
            let mut traefik = Self::spawn(checkout, &render);
            if traefik.becomes_ready() {
                return traefik;
            }
        }
        panic!("traefik ended {ATTEMPTS} times:\n{}", checkout.read("traefik.log"));
    }

    /// Runs it as [`start_with`](Self::start_with) does; the log of one that cannot start.
    pub fn fails_with(checkout: &Checkout, render: impl Fn([SocketAddr; 3])) -> String {
        let mut traefik = Self::spawn(checkout, &render);
        assert!(!traefik.becomes_ready(), "it serves:\n{}", traefik.log());
        traefik.log()
    }

    fn spawn(checkout: &Checkout, render: &impl Fn([SocketAddr; 3])) -> Self {
        let binary = env::var_os("XTASK_TEST_TRAEFIK").expect("XTASK_TEST_TRAEFIK names the binary");
        let free = [(); 3].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
        let [https, raw, api] = free.each_ref().map(|listener| listener.local_addr().unwrap());
        render([https, raw, api]);
        let folder = checkout.root().join("compose/coder/router");
        // Where the container has its files, there is nothing here.
        let config = fs::read_to_string(folder.join("traefik.yml")).unwrap();
        let here = config.replace("/etc/traefik/dynamic", folder.join("dynamic").to_str().unwrap());
        assert_ne!(here, config);
        checkout.write("traefik.yml", &here);
        let log = checkout.root().join("traefik.log");
        drop(free);
        let child = Command::new(binary)
            .arg(format!("--configFile={}", checkout.root().join("traefik.yml").display()))
            .env_clear()
            .current_dir(checkout.root())
            .stdin(Stdio::null())
            .stdout(File::create(&log).unwrap())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        Self { child, log, api, https, raw }
    }

    /// Whether it serves routes; not when it has ended.
    fn becomes_ready(&mut self) -> bool {
        let deadline = Instant::now() + PATIENCE;
        while self.child.try_wait().unwrap().is_none() {
            let routers = self.get("/api/tcp/routers").ok();
            if routers.is_some_and(|routers| routers.as_array().is_some_and(|it| !it.is_empty())) {
                return true;
            }
            assert!(Instant::now() < deadline, "traefik does not serve its routes:\n{}", self.log());
            thread::sleep(LOOK_AGAIN);
        }
        false
    }

    /// Renders the files anew; Traefik watches those of the routes.
    pub fn render(&self, checkout: &Checkout, stand_ins: &BTreeMap<&str, StandIn>) {
        render(checkout, stand_ins, [self.https, self.raw, self.api]);
    }

    /// Waits until `condition` holds.
    pub fn wait_for(&self, what: &str, condition: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !condition() {
            assert!(Instant::now() < deadline, "no sign of {what}:\n{}", self.log());
            thread::sleep(LOOK_AGAIN);
        }
    }

    /// Asks its API.
    pub fn api(&self, path: &str) -> Value {
        self.get(path).unwrap()
    }

    fn get(&self, path: &str) -> io::Result<Value> {
        let mut stream = TcpStream::connect(self.api)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (_, body) = answer.split_once("\r\n\r\n").ok_or(io::ErrorKind::InvalidData)?;
        serde_json::from_str(body).map_err(io::Error::other)
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }
}

fn render(checkout: &Checkout, stand_ins: &BTreeMap<&str, StandIn>, ports: [SocketAddr; 3]) {
    let [https, raw, api] = ports.map(|address| address.port());
    let set = |text: String| ["--set".to_owned(), text];
    let backends =
        stand_ins.iter().map(|(route, it)| ["--backend".to_owned(), format!("{route}={}", it.address)]);
    let args = ["router", "render", "--write", "--profile", "coder"].map(str::to_owned).into_iter();
    let args = args
        .chain(set("router.bind=127.0.0.1".into()))
        .chain(set(format!("router.ports={{ https = {https}, raw = {raw} }}")))
        .chain(set(format!("router.api_port={api}")))
        .chain(backends.flatten());
    checkout.xtask(args).run().exits(0);
}

impl Drop for Traefik {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
