//! That the test bed itself works: a cluster by kind alone, MetalLB by helm
//! alone, and a connection through an address of its pool.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;

use serde_json::{Value, json};

use crate::api::Api;
use crate::bed::{self, Cluster};
use crate::docker::docker;
use crate::wait;

const METALLB: &str = "/apis/metallb.io/v1beta1/namespaces/metallb-system";
const PORT: u16 = 8443;

/// Answers each connection with what it sent, from its end to its beginning.
fn serve(at: Ipv4Addr) -> SocketAddr {
    let listener = TcpListener::bind((at, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut said = Vec::new();
            stream.read_to_end(&mut said).unwrap();
            said.reverse();
            stream.write_all(&said).unwrap();
        }
    });
    address
}

/// What a connection answers to a word, after the word has ended.
fn ask(address: Ipv4Addr, word: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect((address, PORT))?;
    stream.set_read_timeout(Some(wait::NEVER))?;
    stream.write_all(word.as_bytes())?;
    stream.shutdown(Shutdown::Write)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// A pool of one address, a service of type `LoadBalancer`, and an endpoint.
fn balance(api: &Api, address: Ipv4Addr, endpoint: SocketAddr) {
    let metallb = |kind: &str, plural: &str, spec: Value| {
        let (version, metadata) = ("metallb.io/v1beta1", json!({ "name": "it" }));
        let object = json!({ "apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec });
        api.create(&format!("{METALLB}/{plural}"), &object);
    };
    metallb("IPAddressPool", "ipaddresspools", json!({ "addresses": [format!("{address}/32")] }));
    metallb("L2Advertisement", "l2advertisements", json!({ "ipAddressPools": ["it"] }));
    let ports = json!([{ "name": "web", "port": PORT }]);
    api.create(
        "/api/v1/namespaces/default/services",
        &json!({
            "apiVersion": "v1", "kind": "Service", "metadata": { "name": "it" },
            "spec": { "type": "LoadBalancer", "ports": ports },
        }),
    );
    api.create(
        "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
        &json!({
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
            "metadata": { "name": "it", "labels": { "kubernetes.io/service-name": "it" } },
            "addressType": "IPv4", "endpoints": [{ "addresses": [endpoint.ip()] }],
            "ports": [{ "name": "web", "port": endpoint.port() }],
        }),
    );
}

fn install_metallb(cluster: &Cluster) {
    let mut helm = bed::command(&bed::helm());
    helm.args(["upgrade", "--install", "metallb"]).arg(bed::chart());
    helm.args(["--namespace", "metallb-system", "--create-namespace", "--wait", "--kubeconfig"]);
    let output = helm.arg(cluster.kubeconfig()).env("HELM_CACHE_HOME", cluster.dir()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn an_address_of_metallb_leads_to_an_endpoint_also_after_a_restart() {
    let cluster = Cluster::make("smoke");
    let api = cluster.api();
    let node = format!("/api/v1/nodes/{}", cluster.control_plane());
    assert!(api.is_ready(&node));

    install_metallb(&cluster);
    let address = bed::address();
    balance(&api, address, serve(bed::gateway()));
    let service = "/api/v1/namespaces/default/services/it";
    wait::until("an address", || {
        api.get(service)["status"]["loadBalancer"]["ingress"][0]["ip"] == address.to_string()
    });
    wait::until("a connection", || ask(address, "abc").is_ok_and(|answer| answer == "cba"));

    docker(["restart", &cluster.control_plane()]);
    wait::until("the node to be ready again", || api.is_ready(&node));
    wait::until("a connection after the restart", || ask(address, "abc").is_ok_and(|answer| answer == "cba"));

    // A namespace takes with it what runs in it.
    api.delete("/api/v1/namespaces/metallb-system");
    wait::until("the namespace to be gone", || api.try_get("/api/v1/namespaces/metallb-system").is_err());
    let processes = || docker(["exec", &cluster.control_plane(), "ps", "-o", "args"]);
    wait::until("the controller to end", || !processes().contains("metallb-controller"));

    cluster.delete();
    assert_eq!(cluster.containers(), [""; 0]);
}
