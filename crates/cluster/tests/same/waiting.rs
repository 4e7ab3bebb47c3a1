//! What is waited for, and what is told of what did not come.

use std::time::Duration;

use cluster::{Awaited, Kind, Standing, Until};
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::Api;
use crate::support::PATIENCE;

/// Waits for one thing; once `first` is told of it, `change` is made.
async fn wait(api: &Api, awaited: Awaited, first: &str, change: impl Future<Output = ()>) -> Standing {
    let (cluster, awaited) = (api.cluster().await, [awaited]);
    let (told, mut telling) = mpsc::unbounded_channel();
    let progress = |_, standing: &Standing| drop(told.send(standing.to_string()));
    let waiting = cluster.wait(&awaited, Instant::now() + PATIENCE, progress);
    let changing = async {
        assert_eq!(telling.recv().await.unwrap(), first);
        change.await;
    };
    let (standings, ()) = tokio::join!(waiting, changing);
    let standing = standings.unwrap().remove(0);
    assert!(standing.is_ready(), "{standing}");
    standing
}

pub(crate) async fn a_service_is_waited_for(api: &Api) {
    api.create_service("argo", "LoadBalancer").await;
    let awaited = Awaited::one(Kind::Service, &api.namespace, "argo");
    let change = api.set_ingress("argo", json!([{"ip": "192.0.2.40"}]));
    let standing = wait(api, awaited, "its load balancer has no address yet", change).await;
    assert_eq!(standing.to_string(), "has the address 192.0.2.40");
}

pub(crate) async fn a_deployment_is_waited_for(api: &Api) {
    api.create_deployment("gitea").await;
    let awaited = Awaited::one(Kind::Deployment, &api.namespace, "gitea");
    let change = async {
        api.set_available("gitea", 0).await;
        api.set_available("gitea", 1).await;
    };
    let standing = wait(api, awaited, "its latest change has not been acted on yet", change).await;
    assert_eq!(standing.to_string(), "1 of 1 replicas are available");
}

pub(crate) async fn a_daemon_set_is_waited_for(api: &Api) {
    api.create_daemon_set("speaker").await;
    let awaited = Awaited::one(Kind::DaemonSet, &api.namespace, "speaker");
    let change = async {
        api.set_pods("speaker", 1).await;
        api.set_pods("speaker", 2).await;
    };
    let standing = wait(api, awaited, "its latest change has not been acted on yet", change).await;
    assert_eq!(standing.to_string(), "2 of 2 pods are available");
}

pub(crate) async fn a_pod_is_waited_for(api: &Api) {
    api.create_pod("speaker").await;
    let waiting = json!({"reason": "ImagePullBackOff", "message": "Back-off pulling image"});
    let container = json!({
        "name": "main", "image": "none", "imageID": "", "ready": false, "restartCount": 0,
        "state": {"waiting": waiting},
    });
    api.set_pod("speaker", json!({"phase": "Pending", "containerStatuses": [container]})).await;
    let awaited = Awaited::one(Kind::Pod, &api.namespace, "speaker");
    let first = "Pending: container `main` waits, ImagePullBackOff: Back-off pulling image";
    let ready = json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]});
    let standing = wait(api, awaited, first, api.set_pod("speaker", ready)).await;
    assert_eq!(standing.to_string(), "its condition Ready is True");
}

pub(crate) async fn a_deletion_is_waited_for(api: &Api) {
    api.create_service("old", "ClusterIP").await;
    let awaited =
        Awaited { until: vec![Until::Deleted], ..Awaited::one(Kind::Service, &api.namespace, "old") };
    let change = api.delete_service("old");
    let standing = wait(api, awaited, "still exists, and nobody has deleted it", change).await;
    assert_eq!(standing.to_string(), "does not exist any more");
}

pub(crate) async fn what_did_not_come_is_told(api: &Api) {
    api.create_deployment("gitea").await;
    api.set_available("gitea", 0).await;
    let awaited = ["gitea", "absent"].map(|name| Awaited::one(Kind::Deployment, &api.namespace, name));
    // An application is absent also where the API does not know the kind.
    let application = Awaited::one(Kind::Application, &api.namespace, "root");
    let awaited = [awaited.as_slice(), &[application]].concat();
    let (cluster, deadline) = (api.cluster().await, Instant::now() + PATIENCE);
    let mut answered = 0;
    let (told, mut telling) = mpsc::unbounded_channel();
    let waiting = cluster.wait(&awaited, deadline, |index, standing| {
        drop(told.send((index, standing.to_string())));
    });
    let all_told = async {
        let mut told = vec![String::new(); awaited.len()];
        while answered < awaited.len() {
            let (index, standing) = telling.recv().await.unwrap();
            answered += usize::from(told[index].is_empty());
            told[index] = standing;
        }
        told
    };
    // Nothing of it comes, so that the wait is the one that does not end.
    let told = tokio::select! {
        standings = waiting => panic!("{standings:?}"),
        told = tokio::time::timeout(PATIENCE, all_told) => told.unwrap(),
    };
    assert_eq!(told, ["0 of 1 replicas are available", "does not exist", "does not exist"]);

    let standings = cluster.wait(&awaited[..1], Instant::now() + Duration::from_secs(2), |_, _| ()).await;
    let findings = standings.unwrap()[0].findings();
    let condition = findings[0].state.condition().unwrap().to_string();
    assert_eq!(condition, "Available is False, Test: so it is");
}

pub(crate) async fn warnings_are_told(api: &Api) {
    let service = api.create_service("argo", "LoadBalancer").await;
    let other = api.create_service("other", "LoadBalancer").await;
    api.create_event("Warning", &service, "AllocationFailed").await;
    api.create_event("Normal", &service, "Allocated").await;
    api.create_event("Warning", &other, "OfAnother").await;
    api.set_ingress("argo", json!([{"ip": "192.0.2.41"}])).await;
    let awaited = [Awaited::one(Kind::Service, &api.namespace, "argo")];
    let cluster = api.cluster().await;
    let standings = cluster.wait(&awaited, Instant::now() + PATIENCE, |_, _| ()).await.unwrap();
    let warnings = cluster.warnings(&standings[0].findings()[0]).await.unwrap();
    let [warning] = warnings.as_slice() else { panic!("{warnings:?}") };
    assert_eq!(warning.object, format!("Service `{}/argo`", api.namespace));
    assert_eq!(
        (warning.reason.as_str(), warning.message.as_str(), warning.count),
        ("AllocationFailed", "no address is left", 3)
    );
    let last = warning.last.unwrap().duration_since(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(last.as_secs(), 1_767_323_045);
}
