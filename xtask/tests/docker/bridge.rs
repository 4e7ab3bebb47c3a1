//! A container in kind's network, with published ports.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;

use crate::docker::{docker, remove};
use crate::front;
use crate::router::{Compose, Router};
use crate::wait;

/// Tests that make the network take turns.
static NETWORK: Mutex<()> = Mutex::new(());

/// The network `kind`; removed when dropped if it was made here.
struct Network {
    made: bool,
    gateway: Ipv4Addr,
}

impl Network {
    fn make() -> Self {
        let made = docker(["network", "ls", "--quiet", "--filter", "name=^kind$"]).is_empty();
        if made {
            docker(["network", "create", "kind"]);
        }
        let gateway =
            docker(["network", "inspect", "kind", "--format", "{{(index .IPAM.Config 0).Gateway}}"]);
        Self { made, gateway: gateway.parse().unwrap() }
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        if self.made {
            remove(&["network", "rm", "kind"]);
        }
    }
}

pub fn serves_in_the_network_of_kind(compose: Compose) {
    let _turn = NETWORK.lock().unwrap_or_else(PoisonError::into_inner);
    let network = Network::make();
    // Dropped before the network.
    let router = Router::with_services(compose, network.gateway, Duration::ZERO);
    let other = router.service("other");
    let start = |others: &[(&str, SocketAddr)]| {
        router.start_with(others, &["--set", "router.network=bridge", "--format", "json"])
    };
    assert_eq!(start(&[]).run().exits(0).json()["change"], "started");
    let client = router.client();
    let ask = || client.ask(router.https, Some("argo.kind.internal"));
    assert_eq!(ask().unwrap(), "argo");

    let status = router.status();
    assert_eq!((&status["running"], &status["container"]["network"]), (&json!(true), &json!("kind")));
    assert_eq!(status["listeners"]["https"], router.https.to_string());
    let route = &status["routes"][0];
    assert_eq!((&route["backend"], &route["status"]), (&router.backend("argo"), &json!(null)));
    // Nobody else gets to the API.
    assert!(std::net::TcpStream::connect(router.api).is_err());

    assert_eq!(start(&[("argo", other.address)]).run().exits(0).json()["change"], "reloaded");
    wait::until("the new backend", || ask().is_ok_and(|answer| answer == "other"));
    router.call(&["router", "stop"]).run().exits(0).stdout("the router has stopped\n");
    assert_eq!(router.containers(), [""; 0]);
}

#[test]
#[ignore = "needs Docker; run by cargo xtask test"]
fn the_network_has_to_be_there() {
    let router = Router::new(Compose::V2);
    // Whether this machine has a cluster or not.
    let socket = router.checkout.root().join("docker.sock");
    front::start(&socket, "/networks/kind");
    let start = router.start(&["--set", "router.network=bridge"]);
    start.env("DOCKER_HOST", format!("unix://{}", socket.display())).run().exits(3).stdout("").stderr(
        "error: Docker has no network `kind`\n\
         help: make the cluster, and the network with it: `cargo xtask kind up`; \
         or choose the host's: `--set router.network=host`\n",
    );
}
