//! A router of its own for each test.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::Range;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;
use std::{env, process};

use serde_json::Value;

use crate::docker::{self, docker};
use crate::processes;
use crate::stand_in::{Authority, Client, StandIn};
use crate::support::{Call, Checkout};

pub const ROUTES: [&str; 5] = ["argo", "gitea", "orchestrator", "boots", "edge"];
/// Below those that the system gives to clients, which nobody can hold for us.
const PORTS: Range<u16> = 20_000..32_000;

/// A version of Compose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compose {
    V1,
    V2,
}

/// A checkout whose router, if it runs, ends when this is dropped.
pub struct Router {
    pub checkout: Checkout,
    pub https: SocketAddr,
    pub raw: SocketAddr,
    pub api: SocketAddr,
    ip: Ipv4Addr,
    services: BTreeMap<&'static str, StandIn>,
    authority: Authority,
}

impl Router {
    /// With a service behind every route.
    pub fn new(compose: Compose) -> Self {
        Self::with_services(compose, Ipv4Addr::LOCALHOST, Duration::ZERO)
    }

    /// The same; the services are on this address of ours, and answer so long
    /// after the client's last word.
    pub fn with_services(compose: Compose, ip: Ipv4Addr, delay: Duration) -> Self {
        let checkout = Checkout::new();
        install(&checkout, compose);
        let names = ["kind.internal", "*.kind.internal", "unknown.invalid", "127.0.0.1"];
        let authority = Authority::new(names.map(str::to_owned).into());
        let services = ROUTES.map(|route| (route, StandIn::start_on(ip, route, &authority, delay)));
        let [https, raw, api] = [free_port(), free_port(), free_port()];
        Self { checkout, https, raw, api, ip, services: services.into(), authority }
    }

    /// A service more.
    pub fn service(&self, name: &'static str) -> StandIn {
        StandIn::start_on(self.ip, name, &self.authority, Duration::ZERO)
    }

    /// A service more, at this address.
    pub fn service_at(&self, address: SocketAddr, name: &'static str) -> StandIn {
        StandIn::start_at(address, name, &self.authority, Duration::ZERO)
    }

    /// Where the service of each route is.
    pub fn backends(&self) -> BTreeMap<&'static str, SocketAddr> {
        self.services.iter().map(|(route, service)| (*route, service.address)).collect()
    }

    /// The address of a route's service, as JSON.
    pub fn backend(&self, route: &str) -> Value {
        self.services[route].address.to_string().into()
    }

    /// A client that trusts the services.
    pub fn client(&self) -> Client {
        self.services["argo"].client()
    }

    /// Settings that the profile has others of.
    pub fn settings(&self) -> Vec<String> {
        let settings = [
            "router.bind=127.0.0.1".to_owned(),
            format!("router.ports={{https={},raw={}}}", self.https.port(), self.raw.port()),
            format!("router.api_port={}", self.api.port()),
        ];
        settings.into_iter().flat_map(|setting| ["--set".to_owned(), setting]).collect()
    }

    /// A call as after `cargo xtask`, with the settings of this router.
    pub fn call(&self, args: &[&str]) -> Call {
        let (verb, args) = args.split_at(2);
        let own = verb.iter().copied().chain(["--profile", "coder"]).map(str::to_owned);
        // What is set last wins.
        let args = args.iter().map(|&arg| arg.to_owned());
        let call = self.checkout.xtask(own.chain(self.settings()).chain(args));
        let call = call.env("PATH", self.checkout.root().join("bin"));
        match env::var_os("DOCKER_HOST") {
            Some(host) => call.env("DOCKER_HOST", host),
            None => call,
        }
    }

    /// `router start` with a backend for every route; more `args` may follow.
    pub fn start(&self, args: &[&str]) -> Call {
        self.start_with(&[], args)
    }

    /// The same with other backends for some routes.
    pub fn start_with(&self, others: &[(&str, SocketAddr)], args: &[&str]) -> Call {
        let own = self.services.iter().map(|(route, service)| {
            let other = others.iter().find(|(name, _)| name == route);
            format!("{route}={}", other.map_or(service.address, |(_, address)| *address))
        });
        let backends: Vec<String> = own.flat_map(|backend| ["--backend".to_owned(), backend]).collect();
        let backends: Vec<&str> = backends.iter().map(String::as_str).collect();
        self.call(&[&["router", "start", "--no-watch"], backends.as_slice(), args].concat())
    }

    /// What `router status` tells.
    #[track_caller]
    pub fn status(&self) -> Value {
        self.call(&["router", "status", "--format", "json"]).run().exits(0).json()
    }

    /// Its Compose project, which is the name of its container as well.
    pub fn project(&self) -> String {
        format!("xtask-coder-{}", self.workspace())
    }

    /// The id of its workspace.
    pub fn workspace(&self) -> String {
        format!("{:016x}", hash(self.checkout.root()))
    }

    /// The ids of its containers, running or not.
    pub fn containers(&self) -> Vec<String> {
        self.labelled(&["ps", "--all", "--quiet", "--no-trunc"])
    }

    /// The names of its volumes.
    pub fn volumes(&self) -> Vec<String> {
        self.labelled(&["volume", "ls", "--quiet"])
    }

    /// What of `list` carries the label of its workspace.
    fn labelled(&self, list: &[&str]) -> Vec<String> {
        let label = format!("label=dev.xtask.workspace={}", self.workspace());
        docker(list.iter().chain(&["--filter", &label])).lines().map(str::to_owned).collect()
    }

    /// A file of its Compose project.
    pub fn file(&self, name: &str) -> String {
        format!("compose/coder/router/{name}")
    }
}

impl Drop for Router {
    fn drop(&mut self) {
        processes::daemons(self.checkout.root()).into_iter().for_each(processes::kill);
        self.containers().iter().for_each(|id| docker::remove(&["rm", "--force", id]));
        self.volumes().iter().for_each(|name| docker::remove(&["volume", "rm", name]));
    }
}

/// FNV-1a of the path, as the program tells workspaces apart.
fn hash(path: &Path) -> u64 {
    let bytes = path.as_os_str().as_bytes().iter();
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Makes `bin`, where the program finds this version of Compose and no other.
fn install(checkout: &Checkout, compose: Compose) {
    let root = checkout.root();
    std::fs::create_dir_all(root.join("bin")).unwrap();
    let named = |name: &str| env::var_os(name).unwrap_or_else(|| panic!("{name} names a program"));
    match compose {
        Compose::V1 => symlink(named("XTASK_TEST_COMPOSE_V1"), root.join("bin/docker-compose")).unwrap(),
        Compose::V2 => {
            symlink(docker::program(), root.join("bin/docker")).unwrap();
            let plugins = root.join(".docker/cli-plugins");
            std::fs::create_dir_all(&plugins).unwrap();
            symlink(named("XTASK_TEST_COMPOSE_V2"), plugins.join("docker-compose")).unwrap();
        }
    }
}

/// A port that is free and that no other test is given.
pub fn free_port() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let span = PORTS.end - PORTS.start;
    // Another run of these tests begins elsewhere.
    let begin = u16::try_from(process::id() % u32::from(span)).unwrap();
    (0..span)
        .map(|_| PORTS.start + (begin + NEXT.fetch_add(1, Ordering::Relaxed)) % span)
        .find_map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()?.local_addr().ok())
        .expect("a port is free")
}
