//! Services that somebody else makes: without samples there are no others, and
//! beside samples they are left alone.

use std::net::IpAddr;
use std::time::Duration;

use serde_json::{Value, json};

use crate::api::Api;
use crate::bed;
use crate::platform::assert_up;
use crate::stand_in::{Authority, StandIn};
use crate::wait;
use crate::watch;
use crate::workspace::{SAMPLES, Workspace};

const HOST: &str = "argo.kind.internal";
const SERVICE: &str = "/api/v1/namespaces/argocd/services/argocd-server";

/// A service such as Argo CD's own, which leads to `endpoint`.
fn make(api: &Api, endpoint: &StandIn) {
    let labels = json!({ "app.kubernetes.io/name": "argocd-server", "of": "somebody" });
    let metadata = |name: &str, labels: Value| json!({ "name": name, "labels": labels });
    api.create(
        "/api/v1/namespaces/argocd/services",
        &json!({
            "apiVersion": "v1", "kind": "Service", "metadata": metadata("argocd-server", labels),
            "spec": { "type": "LoadBalancer", "ports": [{ "name": "https", "port": 443 }] },
        }),
    );
    let labels = json!({ "kubernetes.io/service-name": "argocd-server" });
    api.create(
        "/apis/discovery.k8s.io/v1/namespaces/argocd/endpointslices",
        &json!({
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": metadata("theirs", labels),
            "addressType": "IPv4", "endpoints": [{ "addresses": [endpoint.address.ip()] }],
            "ports": [{ "name": "https", "port": endpoint.address.port() }],
        }),
    );
}

/// All routes are absent, and told to be.
fn comes_up_without_any(workspace: &Workspace) {
    let up = workspace.up(&[]).run().exits(0).stdout(
        "https: argo → closed\n...\nhttps: no route → closed\n...\n\
         profile `coder` is up: 5 stages in [..] s\n",
    );
    let absent = "argo, gitea, orchestrator, boots, edge";
    for told in [format!("; absent, so closed: {absent}\n"), format!("no backend is known for {absent}\n")] {
        assert!(up.errors().contains(&told), "{}", up.errors());
    }
    let again = workspace.up_json(&[]);
    assert_eq!(again["check"]["absent"], json!(["argo", "gitea", "orchestrator", "boots", "edge"]));
    assert_eq!(again["check"]["wrong"], 0);
    assert_eq!(again["example"], Value::Null);
}

/// The route comes by itself, and with the address that MetalLB gave.
fn is_followed(workspace: &Workspace, theirs: &StandIn) {
    make(&workspace.kubernetes(), theirs);
    let client = theirs.client();
    wait::until("the route to be open", || {
        client.ask(workspace.https, Some(HOST)).is_ok_and(|it| it == "theirs")
    });
    let service = workspace.kubernetes().get(SERVICE);
    let address: IpAddr =
        service["status"]["loadBalancer"]["ingress"][0]["ip"].as_str().unwrap().parse().unwrap();
    let status = watch::told_of(1, || workspace.json(&["router", "status"]));
    let route = status["routes"].as_array().unwrap().iter().find(|it| it["name"] == "argo").unwrap();
    assert_eq!(route["backend"], json!(format!("{address}:443")));
    assert!(client.ask(workspace.https, Some(SAMPLES[1].0)).is_err(), "the others stay closed");
}

/// What it is beside what it is given all the time.
fn essence(mut service: Value) -> Value {
    service["metadata"].as_object_mut().unwrap().remove("managedFields");
    service
}

fn is_left_alone(workspace: &Workspace, theirs: &StandIn) {
    let before = essence(workspace.kubernetes().get(SERVICE));
    let up = workspace.up_json(&["--with-samples"]);
    assert_up(&up, &[("kind", "already"), ("metallb", "already")]);
    let samples = up["stages"].as_array().unwrap().iter().find(|it| it["name"] == "samples").unwrap();
    assert!(samples["message"].as_str().unwrap().starts_with("argo is real, "), "{samples:#}");
    assert_eq!(essence(workspace.kubernetes().get(SERVICE)), before);
    let (slices, label) = ("/apis/discovery.k8s.io/v1/namespaces/argocd/endpointslices", "dev.xtask.sample");
    let slices = workspace.kubernetes().get(slices);
    let slices = slices["items"].as_array().unwrap();
    assert!(slices.iter().all(|slice| slice["metadata"]["labels"][label].is_null()), "{slices:#?}");

    assert_eq!(theirs.client().ask(workspace.https, Some(HOST)).unwrap(), "theirs");
    for (host, page) in &SAMPLES[1..] {
        assert_eq!(workspace.client().get(workspace.https, host), *page, "{host}");
    }
}

#[test]
#[ignore = "needs the test bed of kind; run by cargo xtask test"]
fn a_service_of_somebody_else_is_followed_and_left_alone() {
    let workspace = Workspace::new();
    comes_up_without_any(&workspace);
    let authority = Authority::new(vec![HOST.to_owned(), SAMPLES[1].0.to_owned()]);
    let theirs = StandIn::start_on(bed::gateway(), "theirs", &authority, Duration::ZERO);
    is_followed(&workspace, &theirs);
    is_left_alone(&workspace, &theirs);
    workspace.call(&["down"]).run().exits(0);
    workspace.assert_gone();
}
