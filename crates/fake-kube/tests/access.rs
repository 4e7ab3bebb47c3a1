//! The real client gets in with the kubeconfig, and only so.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests panic")]

use fake_kube::{FakeKube, Options, Tls, objects};
use k8s_openapi::api::core::v1::{ConfigMap, Node};
use kube::{Api, Error, api::ListParams};
use rcgen::{CertificateParams, KeyPair};

mod common;
use common::{client, client_of, colour};

fn tls() -> Tls {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap().self_signed(&key).unwrap();
    Tls { certificate_pem: certificate.pem(), key_pem: key.serialize_pem() }
}

fn guarded() -> FakeKube {
    let options = Options { tls: Some(tls()), token: Some("sesame".to_owned()), ..Options::default() };
    FakeKube::start_with(options).unwrap()
}

async fn list(kubeconfig: &str) -> Result<usize, Error> {
    let nodes = Api::<Node>::all(client_of(kubeconfig).await);
    Ok(nodes.list(&ListParams::default()).await?.items.len())
}

#[tokio::test]
async fn the_kubeconfig_has_all_it_takes() {
    let kube = guarded();
    kube.apply(&objects::node("n"));
    assert!(kube.url().starts_with("https://127.0.0.1:"));
    assert_eq!(list(&kube.kubeconfig()).await.unwrap(), 1);
}

#[tokio::test]
async fn another_token_is_unauthorized() {
    let kube = guarded();
    let Err(Error::Api(status)) = list(&kube.kubeconfig().replace("sesame", "poppy")).await else {
        panic!("an answer of the API");
    };
    assert_eq!((status.code, status.reason.as_str()), (401, "Unauthorized"));
}

#[tokio::test]
async fn another_certificate_is_not_trusted() {
    let (kube, other) = (guarded(), guarded());
    let kubeconfig = other.kubeconfig().replace(other.url(), kube.url());
    assert!(list(&kubeconfig).await.is_err());
    assert!(kube.requests().is_empty() && other.requests().is_empty());
}

#[tokio::test]
async fn a_client_without_a_certificate_stays_outside() {
    let options =
        Options { tls: Some(tls()), client_authority_pem: Some(tls().certificate_pem), ..Options::default() };
    let kube = FakeKube::start_with(options).unwrap();
    assert!(list(&kube.kubeconfig()).await.is_err());
    assert!(kube.requests().is_empty());
}

#[tokio::test]
async fn a_certificate_needs_its_key() {
    let tls = Tls { key_pem: tls().key_pem, ..tls() };
    assert!(FakeKube::start_with(Options { tls: Some(tls), ..Options::default() }).is_err());
}

#[tokio::test]
async fn one_can_take_the_place_of_another() {
    let kube = FakeKube::start();
    kube.apply(&objects::config_map("default", "sky", "colour", "blue"));
    let maps = Api::<ConfigMap>::namespaced(client(&kube).await, "default");
    let before = maps.get("sky").await.unwrap();
    let address = kube.url().trim_start_matches("http://").parse().unwrap();
    drop(kube);
    assert!(maps.get("sky").await.is_err());

    let kube = FakeKube::start_with(Options { address: Some(address), ..Options::default() }).unwrap();
    kube.apply(&objects::config_map("default", "sky", "colour", "grey"));
    let after = maps.get("sky").await.unwrap();
    assert_eq!(colour(&after), "grey");
    let version = |map: &ConfigMap| map.metadata.resource_version.clone().unwrap().parse::<u64>().unwrap();
    assert!(version(&after) > version(&before));
}
