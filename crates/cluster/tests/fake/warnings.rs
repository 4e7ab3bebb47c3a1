//! Warnings about what makes pods, and about pods.

use cluster::{Awaited, Kind};
use fake_kube::FakeKube;
use fake_kube::objects::{daemon_set, event, pod};
use tokio::time::Instant;

use crate::support::{PATIENCE, open};

/// The objects that the warnings about this one, which is ready, are about.
async fn warned(kube: &FakeKube, kind: Kind, name: &str) -> Vec<String> {
    let cluster = open(kube.url()).await;
    let awaited = [Awaited::one(kind, "metallb-system", name)];
    let standings = cluster.wait(&awaited, Instant::now() + PATIENCE, |_, _| ()).await.unwrap();
    let warnings = cluster.warnings(&standings[0].findings()[0]).await.unwrap();
    warnings.into_iter().map(|warning| format!("{} {}", warning.object, warning.reason)).collect()
}

#[tokio::test]
async fn those_of_its_pods_are_those_of_a_daemon_set() {
    let kube = FakeKube::start();
    kube.apply(&daemon_set("metallb-system", "speaker", 1, 1));
    for (name, app) in [("speaker-x7", "speaker"), ("controller-5f-9k", "controller")] {
        kube.apply(&pod("metallb-system", name).app(app));
        kube.apply(
            &event("metallb-system", "Pod", name).warning("BackOff", "restarting").at("2024-01-02T00:00:00Z"),
        );
    }
    let event = event("metallb-system", "DaemonSet", "speaker");
    kube.apply(&event.warning("FailedCreate", "quota").at("2024-01-01T00:00:00Z"));
    let expected =
        ["Pod `metallb-system/speaker-x7` BackOff", "DaemonSet `metallb-system/speaker` FailedCreate"];
    assert_eq!(warned(&kube, Kind::DaemonSet, "speaker").await, expected);
    assert_eq!(warned(&kube, Kind::Pod, "speaker-x7").await, expected[..1]);
}
