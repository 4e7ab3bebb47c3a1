//! A router that finds its services in a cluster of the test's own.

use std::net::SocketAddr;

use fake_kube::FakeKube;
use serde_json::{Value, json};

use crate::docker::docker;
use crate::processes;
use crate::router::{Compose, Router};
use crate::services::{self, NAMESPACES};
use crate::stand_in::{Client, StandIn};
use crate::support::Call;
use crate::wait;

/// The router, not yet started, and the cluster.
pub struct Bed {
    pub router: Router,
    pub kube: FakeKube,
}

impl Bed {
    /// Every Service has its address.
    pub fn new(compose: Compose) -> Self {
        let (router, kube) = (Router::new(compose), FakeKube::start());
        let profile = services::profile(&router.checkout.read("profiles/coder.toml"), &router.backends());
        router.checkout.write("profiles/coder.toml", &profile);
        router.checkout.write(".kube/config", &kube.kubeconfig());
        let bed = Self { router, kube };
        for namespace in NAMESPACES {
            bed.expose(namespace, Some("127.0.0.1"));
        }
        bed
    }

    /// Gives the Service of a namespace this address, or takes it away.
    pub fn expose(&self, namespace: &str, ip: Option<&str>) {
        self.kube.apply(&services::service(namespace, ip, &self.router.backends()));
    }

    /// A service on the port of a route's and on this address.
    pub fn other(&self, route: &str, ip: &str, name: &'static str) -> StandIn {
        let port = self.router.backends()[route].port();
        self.router.service_at(SocketAddr::new(ip.parse().unwrap(), port), name)
    }

    /// A call that changes the router; its services are discovered.
    pub fn call(&self, args: &[&str]) -> Call {
        self.router.call(args)
    }

    /// The answer in JSON of a call that must succeed.
    #[track_caller]
    pub fn json(&self, args: &[&str]) -> Value {
        self.call(&[args, &["--format", "json"]].concat()).run().exits(0).json()
    }

    /// Who answers for this host.
    pub fn ask(&self, client: &Client, host: &str) -> std::io::Result<String> {
        client.ask(self.router.https, Some(host))
    }

    /// Waits until this service answers for this host.
    #[track_caller]
    pub fn comes_to(&self, client: &Client, host: &str, name: &str) {
        wait::until(&format!("`{name}` to answer for `{host}`"), || {
            self.ask(client, host).is_ok_and(|answer| answer == name)
        });
    }

    /// Asserts that this answer of a start is of a router whose routes are all right.
    #[track_caller]
    pub fn assert_proven(&self, started: &Value) {
        let routes = started["routes"].as_array().unwrap();
        assert_eq!((routes.len(), &started["absent"]), (5, &json!([])), "{started:#}");
        assert!(routes.iter().all(|route| route["outcome"] == "proven"), "{started:#}");
        let watch = started["watch"].as_u64().unwrap();
        assert_eq!(processes::daemons(self.router.checkout.root()), [u32::try_from(watch).unwrap()]);
        assert_eq!(self.router.containers().len(), 1);
    }

    /// Asserts that nothing of the router is there any more.
    #[track_caller]
    pub fn assert_gone(&self) {
        assert_eq!(self.router.containers(), [""; 0]);
        assert_eq!(self.router.volumes(), [""; 0]);
        let project = format!("label=com.docker.compose.project={}", self.router.project());
        assert_eq!(docker(["network", "ls", "--quiet", "--filter", &project]), "");
        assert_eq!(processes::daemons(self.router.checkout.root()), [0; 0]);
    }
}
