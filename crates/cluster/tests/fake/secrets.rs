//! Secrets.

use std::collections::BTreeMap;

use cluster::{Applied, Cluster, Error, ObjectName};
use fake_kube::{FakeKube, Fault, objects};

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
    let labels = BTreeMap::from([("a".to_owned(), "b".to_owned())]);
    let data = BTreeMap::from([("password", b"hush".as_slice())]);
    for wanted in [Applied::Created, Applied::Already] {
        assert_eq!(cluster.apply_secret("xtask", &name(), &labels, &data).await, Ok(wanted));
    }
    let secret = cluster.secret(&name()).await.unwrap().unwrap();
    assert_eq!((secret.data["password"].as_slice(), &*secret.kind), (b"hush".as_slice(), "Opaque"));
    assert_eq!(secret.metadata["labels"]["a"], "b");
    assert_eq!(secret.managers("password"), ["xtask"]);
    assert!(!format!("{secret:?}").contains("hush"));
}

#[tokio::test]
async fn a_refusal_is_no_absence() {
    let (kube, cluster) = kube().await;
    kube.faults().push(Fault::status(403).kind("Secret"));
    assert!(matches!(cluster.secret(&name()).await, Err(Error::Forbidden { .. })));
}
