//! Connections to pods.

use std::num::NonZeroU16;

use cluster::{Cluster, Error, NoPod, ObjectName, PodPort};
use fake_kube::{FakeKube, Fault, objects};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::net::TcpListener;

use crate::support::open;

const HTTPS: NonZeroU16 = NonZeroU16::new(443).unwrap();
const PORT: NonZeroU16 = NonZeroU16::new(3000).unwrap();

fn service() -> ObjectName {
    ObjectName::new("gitea", "gitea-http")
}

fn pod() -> PodPort {
    PodPort { pod: ObjectName::new("gitea", "gitea-0"), port: PORT }
}

/// A pod behind a service.
async fn kube() -> (FakeKube, Cluster) {
    let kube = FakeKube::start();
    kube.apply(&objects::pod("gitea", "gitea-0"));
    kube.apply(&json!({
        "apiVersion": "v1", "kind": "Service", "metadata": { "namespace": "gitea", "name": "gitea-http" },
        "spec": { "ports": [{ "name": "http", "port": 443, "targetPort": "http", "protocol": "TCP" }] },
    }));
    kube.apply(&slice(true));
    let cluster = open(kube.url()).await;
    (kube, cluster)
}

fn slice(ready: bool) -> serde_json::Value {
    json!({
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
        "metadata": {
            "namespace": "gitea", "name": "gitea-http-x",
            "labels": { "kubernetes.io/service-name": "gitea-http" },
        },
        "ports": [{ "name": "http", "port": 3000, "protocol": "TCP" }],
        "endpoints": [{
            "addresses": ["10.0.0.7"], "conditions": { "ready": ready },
            "targetRef": { "kind": "Pod", "name": "gitea-0", "namespace": "gitea" },
        }],
    })
}

#[tokio::test]
async fn the_pod_behind_a_service_is_found_or_not() {
    let (kube, cluster) = kube().await;
    assert_eq!(cluster.pod_behind(&service(), HTTPS).await.unwrap(), Ok(pod()));
    assert_eq!(cluster.pod_behind(&service(), PORT).await.unwrap(), Err(NoPod::NoPort(service(), PORT)));
    kube.apply(&slice(false));
    assert_eq!(cluster.pod_behind(&service(), HTTPS).await.unwrap(), Err(NoPod::NoneReady(service())));
    let other = ObjectName::new("gitea", "other");
    assert_eq!(cluster.pod_behind(&other, HTTPS).await.unwrap(), Err(NoPod::NoService(other)));
    kube.faults().push(Fault::status(403).kind("EndpointSlice"));
    assert!(matches!(cluster.pod_behind(&service(), HTTPS).await, Err(Error::Forbidden { .. })));
}

#[tokio::test]
async fn what_is_sent_comes_back() {
    let (kube, cluster) = kube().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    kube.forward("gitea", "gitea-0", 3000, listener.local_addr().unwrap());
    let echo = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let (mut reader, mut writer) = socket.split();
        tokio::io::copy(&mut reader, &mut writer).await.unwrap();
    });
    let (ours, mut client) = duplex(1 << 10);
    let forward = cluster.forward(&pod()).await.unwrap();
    let carried = tokio::spawn(forward.carry(ours));
    let sent: Vec<u8> = (0_u32..100_000).flat_map(u32::to_le_bytes).collect();
    let (mut reader, mut writer) = tokio::io::split(&mut client);
    let mut received = vec![0; sent.len()];
    let (read, written) = tokio::join!(reader.read_exact(&mut received), writer.write_all(&sent));
    read.unwrap();
    written.unwrap();
    assert!(received == sent);
    drop(client);
    carried.await.unwrap().unwrap();
    echo.await.unwrap();
}

#[tokio::test]
async fn a_port_that_refuses_is_told() {
    let (_kube, cluster) = kube().await;
    let (ours, mut client) = duplex(1 << 10);
    let carried = tokio::spawn(cluster.forward(&pod()).await.unwrap().carry(ours));
    assert_eq!(client.read(&mut [0; 8]).await.unwrap(), 0);
    drop(client);
    let error = carried.await.unwrap().unwrap_err();
    let told = "refuses to forward to Pod `gitea/gitea-0`: error forwarding port 3000 to pod gitea-0";
    assert!(error.to_string().contains(told), "{error}");
}

#[tokio::test]
async fn a_refusal_and_an_absent_pod_are_told_at_once() {
    let (kube, cluster) = kube().await;
    let absent = PodPort { pod: ObjectName::new("gitea", "gitea-1"), ..pod() };
    let error = cluster.forward(&absent).await.err().unwrap();
    assert!(error.to_string().contains("gitea-1"), "{error}");
    kube.faults().push(Fault::status(403).path("/api/v1/namespaces/gitea/pods/gitea-0/portforward"));
    let error = cluster.forward(&pod()).await.err().unwrap();
    assert!(matches!(error, Error::Forbidden { .. }), "{error}");
    assert!(error.to_string().starts_with("not allowed to forward to Pod `gitea/gitea-0`"), "{error}");
}
