//! Changes of a cluster that goes wrong.

use cluster::{Applied, Cluster, Error, Resource};
use fake_kube::{FakeKube, Fault, Verb, objects};
use serde_json::{Value, json};

use crate::support::open;

fn pool() -> Value {
    json!({
        "apiVersion": "metallb.io/v1beta1", "kind": "IPAddressPool",
        "metadata": { "namespace": "metallb-system", "name": "argo" },
        "spec": { "addresses": ["172.18.255.20/32"], "autoAssign": false },
    })
}

async fn kube() -> (FakeKube, Cluster) {
    let kube = FakeKube::start();
    kube.apply(&objects::namespace("metallb-system"));
    let cluster = open(kube.url()).await;
    (kube, cluster)
}

async fn refusal(cluster: &Cluster) -> Error {
    cluster.apply("xtask", &pool()).await.unwrap_err()
}

#[tokio::test]
async fn a_kind_is_applied_once_it_is_defined() {
    let (kube, cluster) = kube().await;
    kube.undefine("metallb.io");
    let error = refusal(&cluster).await;
    assert_eq!(error, Error::UnknownKind { what: Resource::IP_ADDRESS_POOL.to_string() });
    kube.define("metallb.io");
    assert_eq!(cluster.apply("xtask", &pool()).await, Ok(Applied::Created));
    assert_eq!(cluster.apply("xtask", &pool()).await, Ok(Applied::Already));
    assert_eq!(kube.get("IPAddressPool", "metallb-system", "argo").unwrap()["spec"], pool()["spec"]);
}

#[tokio::test]
async fn nothing_is_forced() {
    let (kube, cluster) = kube().await;
    let mut edited = pool();
    edited["spec"]["addresses"] = json!(["172.18.255.21/32"]);
    kube.apply(&objects::managed_by(&edited, "kubectl-edit"));
    let what = "IPAddressPool `metallb-system/argo`".to_owned();
    let (reason, managers) = (".spec.addresses".to_owned(), vec!["kubectl-edit".to_owned()]);
    assert_eq!(refusal(&cluster).await, Error::Conflict { what, reason, managers });
    let patches = kube.requests().into_iter().filter(|request| request.verb == Verb::Patch);
    let forced = patches.map(|request| request.parameter("force")).collect::<Vec<_>>();
    assert_eq!(forced.len(), 1);
    assert!(forced[0].as_deref().is_none_or(|force| force == "false"), "{forced:?}");
}

#[tokio::test]
async fn nothing_is_applied_to_what_goes() {
    let (kube, cluster) = kube().await;
    let mut leaving = pool();
    leaving["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    kube.apply(&leaving);
    let error = refusal(&cluster).await;
    assert_eq!(error.to_string(), "cannot apply IPAddressPool `metallb-system/argo`: it is being deleted");

    kube.delete("IPAddressPool", "metallb-system", "argo");
    let mut leaving = objects::namespace("metallb-system");
    leaving["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    kube.apply(&leaving);
    let error = refusal(&cluster).await;
    let expected =
        "cannot apply IPAddressPool `metallb-system/argo`: namespace `metallb-system` is being deleted";
    assert_eq!((error.to_string().as_str(), error.is_transient()), (expected, true));
    assert_eq!(kube.get("IPAddressPool", "metallb-system", "argo"), None);
}

#[tokio::test]
async fn each_refusal_says_whether_it_may_pass() {
    let (kube, cluster) = kube().await;
    let away = "failed calling webhook \"x.metallb.io\": connection refused";
    let denied = "admission webhook \"x.metallb.io\" denied the request: overlapping";
    let invalid = "IPAddressPool.metallb.io \"argo\" is invalid: spec.addresses: Required value";
    for (code, message, is_transient) in
        [(500, away, true), (503, "starting", true), (403, denied, false), (422, invalid, false)]
    {
        kube.faults().clear();
        kube.faults().push(Fault::status(code).verb(Verb::Patch).message(message));
        let error = refusal(&cluster).await;
        assert!(error.to_string().ends_with(message) && !error.help().is_empty(), "{error}");
        assert_eq!(error.is_transient(), is_transient, "{error}");
    }
    kube.faults().clear();
    kube.faults().push(Fault::cut().verb(Verb::Patch));
    assert!(matches!(refusal(&cluster).await, Error::Unreachable { .. }));
}

#[tokio::test]
async fn no_request_lasts_for_ever() {
    let silent = async |verb: Verb, seconds: u64| {
        let (kube, cluster) = kube().await;
        kube.faults().push(Fault::silence().verb(verb));
        let error = if verb == Verb::Delete {
            cluster.delete(&Resource::IP_ADDRESS_POOL, Some("metallb-system"), "argo").await.unwrap_err()
        } else {
            refusal(&cluster).await
        };
        let reason = format!("no answer within {seconds} s");
        assert_eq!(error, Error::Unreachable { server: kube.url().to_owned(), reason });
    };
    tokio::join!(silent(Verb::Get, 10), silent(Verb::Patch, 15), silent(Verb::Delete, 15));
}

#[tokio::test]
async fn an_api_is_ready_when_it_says_so_or_does_not_tell() {
    let (kube, cluster) = kube().await;
    kube.faults().push(Fault::status(403).path("/readyz"));
    assert_eq!(cluster.ready().await, Ok(()));
    kube.faults().clear();
    let checks = "[+]ping ok\n[-]etcd failed: reason withheld\n[+]log ok\n[-]poststarthook/x failed: y\nreadyz check failed";
    kube.faults().push(Fault::status(500).path("/readyz").message(checks));
    let error = cluster.ready().await.unwrap_err();
    let expected = "refuses to tell `/readyz`: 500 etcd failed: reason withheld, poststarthook/x failed: y";
    assert!(error.to_string().ends_with(expected) && error.is_transient(), "{error}");
    kube.faults().clear();
    kube.faults().push(Fault::cut().path("/readyz"));
    assert!(matches!(cluster.ready().await, Err(Error::Unreachable { .. })));
}
