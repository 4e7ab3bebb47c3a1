//! The same against a real API server, which `XTASK_TEST_KUBECONFIG` names.
#![expect(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod real;
mod support;

use cluster::{
    Access, Cluster, Error, HostListRef, Last, NotReady, ObjectName, Seen, Service, ServiceType, Wanted,
};
use serde_json::json;
use tokio::sync::watch::Receiver;

use real::Api;
use support::until;

fn there(seen: &Seen) -> Option<&Service> {
    match &seen.services.values().next()?.last {
        Last::There(service) => Some(service),
        _ => None,
    }
}

fn is_absent(seen: &Seen) -> bool {
    seen.services.values().all(|service| service.last == Last::Absent)
}

fn backend(seen: &Seen) -> Option<Result<String, NotReady>> {
    there(seen).map(|service| service.backend(443.try_into().unwrap()).map(|backend| backend.to_string()))
}

async fn watch(api: &Api, service: &str) -> Receiver<Seen> {
    let services = vec![ObjectName::new(&api.namespace, service)];
    api.cluster().await.watch(&Wanted { services, host_list: None })
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn a_service_appears_changes_and_vanishes() {
    Api::run(async |api| {
        let mut seen = watch(api, "argo").await;
        until(&mut seen, is_absent).await;
        api.create_service("argo", "LoadBalancer").await;
        let fresh = until(&mut seen, |seen| there(seen).is_some()).await;
        assert_eq!(backend(&fresh), Some(Err(NotReady::NoAddress)));
        let service = there(&fresh).unwrap();
        assert!(service.cluster_ip.is_some() && service.ports[0].node_port.is_some(), "{service:?}");
        for ip in ["192.0.2.20", "192.0.2.21"] {
            api.set_ingress("argo", json!([{"ip": ip}])).await;
            let expected = Some(Ok(format!("{ip}:443")));
            until(&mut seen, |seen| backend(seen) == expected).await;
        }
        api.set_ingress("argo", json!([])).await;
        until(&mut seen, |seen| backend(seen) == Some(Err(NotReady::NoAddress))).await;
        api.delete_service("argo").await;
        let gone = until(&mut seen, is_absent).await;
        assert_eq!(gone.trouble(), None);
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn a_service_that_is_there_is_seen_at_once() {
    Api::run(async |api| {
        api.create_service("boots", "LoadBalancer").await;
        api.set_ingress("boots", json!([{"ip": "2001:db8::1"}, {"ip": "192.0.2.30"}])).await;
        let seen = until(&mut watch(api, "boots").await, Seen::is_complete).await;
        assert_eq!(backend(&seen), Some(Ok("192.0.2.30:443".into())));
        assert_eq!(there(&seen).unwrap().addresses().len(), 2);
        assert_eq!(seen.trouble(), None);
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn other_types_are_no_backends() {
    Api::run(async |api| {
        for (name, kind) in [("a", ServiceType::ClusterIP), ("b", ServiceType::NodePort)] {
            api.create_service(name, &kind.to_string()).await;
            let seen = until(&mut watch(api, name).await, |seen| there(seen).is_some()).await;
            assert_eq!(backend(&seen), Some(Err(NotReady::Type(kind))));
        }
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn the_name_of_a_load_balancer_is_resolved() {
    Api::run(async |api| {
        api.create_service("argo", "LoadBalancer").await;
        api.set_ingress("argo", json!([{"hostname": "localhost"}])).await;
        let seen = until(&mut watch(api, "argo").await, |seen| there(seen).is_some()).await;
        assert_eq!(backend(&seen), Some(Ok("127.0.0.1:443".into())));
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn the_host_list_changes() {
    Api::run(async |api| {
        let list = HostListRef {
            config_map: ObjectName::new(&api.namespace, "hosts"),
            key: "hosts".into(),
            domain: "kind.internal".to_owned().try_into().unwrap(),
        };
        let wanted = Wanted { services: Vec::new(), host_list: Some(list) };
        let mut seen = api.cluster().await.watch(&wanted);
        let counts = |seen: &Seen| match &seen.host_list.as_ref().unwrap().last {
            Last::There(list) => Some((list.hosts.len(), list.malformed.len())),
            _ => None,
        };
        until(&mut seen, |seen| seen.host_list.as_ref().unwrap().last == Last::Absent).await;
        api.create_hosts("hosts", "- web-ui\n- api.kind.internal\n").await;
        until(&mut seen, |seen| counts(seen) == Some((2, 0))).await;
        let many: Vec<_> = (0..5000).map(|number| format!("host-{number}")).collect();
        api.set_hosts("hosts", &serde_yaml_ng::to_string(&many).unwrap()).await;
        until(&mut seen, |seen| counts(seen) == Some((5000, 0))).await;
        api.set_hosts("hosts", "{{ range .hosts }}").await;
        until(&mut seen, |seen| counts(seen) == Some((0, 1))).await;
        api.delete_hosts("hosts").await;
        until(&mut seen, |seen| seen.host_list.as_ref().unwrap().last == Last::Absent).await;
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn what_is_in_no_namespace_is_absent() {
    Api::run(async |api| {
        let services = vec![ObjectName::new(format!("{}-absent", api.namespace), "argo")];
        let mut seen = api.cluster().await.watch(&Wanted { services, host_list: None });
        assert_eq!(until(&mut seen, is_absent).await.trouble(), None);
    })
    .await;
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn a_wrong_token_is_not_accepted() {
    let (_folder, file) = real::with_token("wrong");
    let cluster = Cluster::open(&Access { files: vec![file], ..Access::default() }).await.unwrap();
    let mut seen =
        cluster.watch(&Wanted { services: vec![ObjectName::new("default", "argo")], host_list: None });
    let seen = until(&mut seen, Seen::is_complete).await;
    assert_eq!(seen.trouble(), Some(&Error::Unauthenticated { server: cluster.server().to_owned() }));
}
