//! What is seen of objects that come, change and go.

use cluster::{Error, Last, NotReady, ObjectName, Seen, Service, ServiceType, Wanted};
use serde_json::json;
use tokio::sync::watch::Receiver;

use super::Api;
use crate::support::{hosts_wanted, until};

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

pub(crate) async fn a_service_appears_changes_and_vanishes(api: &Api) {
    let mut seen = watch(api, "argo").await;
    assert_eq!(until(&mut seen, is_absent).await.trouble(), None);
    api.create_service("argo", "LoadBalancer").await;
    let fresh = until(&mut seen, |seen| there(seen).is_some()).await;
    assert_eq!(backend(&fresh), Some(Err(NotReady::NoAddress)));
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
}

pub(crate) async fn a_service_that_is_there_is_seen_at_once(api: &Api) {
    api.create_service("boots", "LoadBalancer").await;
    api.set_ingress("boots", json!([{"ip": "2001:db8::1"}, {"ip": "192.0.2.30"}])).await;
    let seen = until(&mut watch(api, "boots").await, Seen::is_complete).await;
    assert_eq!(backend(&seen), Some(Ok("192.0.2.30:443".into())));
    assert_eq!(there(&seen).unwrap().addresses().len(), 2);
    assert_eq!(seen.trouble(), None);
}

pub(crate) async fn other_types_are_no_backends(api: &Api) {
    for (name, kind) in [("a", ServiceType::ClusterIP), ("b", ServiceType::NodePort)] {
        api.create_service(name, &kind.to_string()).await;
        let seen = until(&mut watch(api, name).await, |seen| there(seen).is_some()).await;
        assert_eq!(backend(&seen), Some(Err(NotReady::Type(kind))));
    }
}

pub(crate) async fn the_name_of_a_load_balancer_is_resolved(api: &Api) {
    api.create_service("argo", "LoadBalancer").await;
    api.set_ingress("argo", json!([{"hostname": "localhost"}])).await;
    let seen = until(&mut watch(api, "argo").await, |seen| there(seen).is_some()).await;
    assert_eq!(backend(&seen), Some(Ok("127.0.0.1:443".into())));
}

pub(crate) async fn the_host_list_changes(api: &Api) {
    let mut seen = api.cluster().await.watch(&hosts_wanted(&api.namespace));
    let counts = |seen: &Seen| match &seen.host_list.as_ref().unwrap().last {
        Last::There(list) => Some((list.hosts.len(), list.malformed.len())),
        _ => None,
    };
    let is_absent = |seen: &Seen| seen.host_list.as_ref().unwrap().last == Last::Absent;
    until(&mut seen, is_absent).await;
    api.create_hosts("hosts", "- web-ui\n- api.kind.internal\n- '*'\n").await;
    until(&mut seen, |seen| counts(seen) == Some((2, 1))).await;
    let many: Vec<_> = (0..5000).map(|number| format!("host-{number}")).collect();
    api.set_data("hosts", json!({"hosts": serde_yaml_ng::to_string(&many).unwrap()})).await;
    until(&mut seen, |seen| counts(seen) == Some((5000, 0))).await;
    api.set_data("hosts", json!({"hosts": "{{ range .hosts }}"})).await;
    until(&mut seen, |seen| counts(seen) == Some((0, 1))).await;
    api.set_data("hosts", json!({"hosts": null, "other": "[]"})).await;
    let told = |seen: &Seen| match &seen.host_list.as_ref().unwrap().last {
        Last::There(list) => list.malformed.first().map(|it| format!("{}: {}", it.entry, it.reason)),
        _ => None,
    };
    let expected = "hosts: the ConfigMap has no such key";
    until(&mut seen, |seen| told(seen).as_deref() == Some(expected)).await;
    api.delete_hosts("hosts").await;
    until(&mut seen, is_absent).await;
}

pub(crate) async fn what_is_in_no_namespace_is_absent(api: &Api) {
    let services = vec![ObjectName::new(format!("{}-absent", api.namespace), "argo")];
    let mut seen = api.cluster().await.watch(&Wanted { services, host_list: None });
    assert_eq!(until(&mut seen, is_absent).await.trouble(), None);
}

pub(crate) async fn a_wrong_token_is_not_accepted(api: &Api) {
    let cluster = api.cluster_as(|user| user.token = Some("wrong".to_owned().into())).await;
    let services = vec![ObjectName::new(&api.namespace, "argo")];
    let mut seen = cluster.watch(&Wanted { services, host_list: None });
    let seen = until(&mut seen, Seen::is_complete).await;
    assert_eq!(seen.trouble(), Some(&Error::Unauthenticated { server: cluster.server().to_owned() }));
}

pub(crate) async fn services_are_listed(api: &Api) {
    api.create_service("b", "NodePort").await;
    api.create_service("a", "ClusterIP").await;
    let listed = api.cluster().await.services().await.unwrap();
    let ours = listed.iter().filter(|it| it.name.namespace == api.namespace);
    let ours: Vec<_> = ours.map(|it| (it.name.name.as_str(), it.service.service_type.to_string())).collect();
    assert_eq!(ours, [("a", "ClusterIP".to_owned()), ("b", "NodePort".to_owned())]);
}
