//! Secrets.

use cluster::{Applied, Cluster, Error, ObjectName};
use fake_kube::{FakeKube, Fault, objects};
use serde_json::json;

use crate::support::open;

fn name() -> ObjectName {
    ObjectName::new("gitea", "credential")
}

async fn kube() -> (FakeKube, Cluster) {
    let kube = FakeKube::start();
    kube.apply(&objects::namespace("gitea"));
    let cluster = open(kube.url()).await;
    (kube, cluster)
}

#[tokio::test]
async fn what_is_applied_is_read_and_not_shown() {
    let (_kube, cluster) = kube().await;
    assert!(cluster.secret(&name()).await.unwrap().is_none());
    let object = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": { "namespace": "gitea", "name": "credential" },
        "data": { "password": "aHVzaA==" },
    });
    assert_eq!(cluster.apply("xtask", &object).await, Ok(Applied::Created));
    let secret = cluster.secret(&name()).await.unwrap().unwrap();
    assert_eq!((secret.data["password"].as_slice(), &*secret.kind), (b"hush".as_slice(), "Opaque"));
    assert_eq!(secret.managers("password"), ["xtask"]);
    assert!(!format!("{secret:?}").contains("hush"));
}

#[tokio::test]
async fn a_refusal_is_no_absence() {
    let (kube, cluster) = kube().await;
    kube.faults().push(Fault::status(403).kind("Secret"));
    assert!(matches!(cluster.secret(&name()).await, Err(Error::Forbidden { .. })));
}
