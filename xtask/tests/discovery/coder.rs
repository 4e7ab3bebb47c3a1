//! A checkout whose profile `coder` finds its services in a cluster of the test's own.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use fake_kube::FakeKube;
use serde_json::Value;

use crate::fixture::{Platform, address, wait};
use crate::services::{self, Backends, NAMESPACES};
use crate::support::Call;

/// How long the cluster's side of a test may take.
pub const LIMIT: Duration = Duration::from_secs(20);

/// The checkout, the cluster, and what runs in it.
pub struct Coder {
    pub platform: Platform,
    pub kube: FakeKube,
    /// Where each route's stand-in listens.
    pub backends: Backends,
}

impl Coder {
    /// All stand-ins run, and no Service of theirs exists yet.
    pub fn new() -> Self {
        Self::of(FakeKube::start())
    }

    /// The same before a cluster that is there already.
    pub fn of(kube: FakeKube) -> Self {
        let (platform, up) = Platform::up();
        let rows = up["check"]["rows"].as_array().unwrap();
        let backend =
            |route: &str| rows.iter().find(|row| row["route"] == route).map(|row| address(&row["backend"]));
        let backends =
            ["argo", "gitea", "orchestrator", "boots", "edge"].map(|route| (route, backend(route).unwrap()));
        let backends = backends.into();
        let coder = Self { platform, kube, backends };
        coder.write_profile();
        coder.write_kubeconfig(&coder.kube.kubeconfig());
        coder
    }

    /// All stand-ins run, and their Services have addresses.
    pub fn with_services() -> Self {
        let coder = Self::new();
        for namespace in NAMESPACES {
            coder.expose(namespace, "127.0.0.1");
        }
        coder
    }

    /// Waits until the route leads to this address, or nowhere.
    #[track_caller]
    pub fn comes_to(&self, route: &str, ip: Option<&str>) {
        let wanted = ip.map(|ip| self.at(route, ip));
        wait::until("the route to follow", || self.backend(route) == wanted);
    }

    /// Gives the Service of a namespace an address.
    pub fn expose(&self, namespace: &str, ip: &str) {
        self.kube.apply(&self.service(namespace, ip));
    }

    /// The Service of a namespace with an address.
    pub fn service(&self, namespace: &str, ip: &str) -> Value {
        services::service(namespace, Some(ip), &self.backends)
    }

    /// Makes the host list of the cluster.
    pub fn list_hosts(&self, yaml: &str) {
        self.kube.apply(&services::host_list(yaml));
    }

    /// The stand-ins listen on free ports, and so shall the router.
    fn write_profile(&self) {
        let root = self.platform.root();
        let mut text = std::fs::read_to_string(root.join("profiles/coder.toml")).unwrap();
        for (from, to) in [
            ("engine = \"traefik\"", "engine = \"embedded\""),
            ("bind = \"management\"", "bind = \"127.0.0.1\""),
            ("https = 443, raw = 4433", "https = 0, raw = 0"),
        ] {
            assert!(text.contains(from), "{text}");
            text = text.replace(from, to);
        }
        std::fs::write(root.join("profiles/coder.toml"), services::profile(&text, &self.backends)).unwrap();
    }

    /// Makes this the kubeconfig of all calls.
    pub fn write_kubeconfig(&self, text: &str) {
        std::fs::create_dir_all(self.platform.root().join(".kube")).unwrap();
        std::fs::write(self.platform.root().join(".kube/config"), text).unwrap();
    }

    /// A call with the profile.
    pub fn call<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Call {
        self.platform.xtask(args.into_iter().chain(["--profile", "coder"]))
    }

    /// The answer in JSON of a call that must succeed.
    #[track_caller]
    pub fn json<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Value {
        self.call(args.into_iter().chain(["--format", "json"])).run().exits(0).json()
    }

    /// What the router that runs has as the backend of a route.
    #[track_caller]
    pub fn backend(&self, route: &str) -> Option<SocketAddr> {
        let status = self.json(["router", "status"]);
        let routes = status["table"].as_array().unwrap();
        let found = routes.iter().find(|it| it["name"] == route).unwrap();
        found["backend"].as_str().map(|backend| backend.parse().unwrap())
    }

    /// The address of a route's stand-in, on another address of this machine.
    pub fn at(&self, route: &str, ip: &str) -> SocketAddr {
        SocketAddr::new(ip.parse::<IpAddr>().unwrap(), self.backends[route].port())
    }
}
