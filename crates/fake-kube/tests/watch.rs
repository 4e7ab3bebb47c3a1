//! A watcher of the real client sees what happens, whatever happens.

use std::pin::Pin;

use fake_kube::{FakeKube, Verb};
use futures_util::{Stream, StreamExt};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api,
    runtime::watcher::{self, Event, watcher},
};
use serde_json::json;

mod common;
use common::{LIMIT, client, colour};

type Events = Pin<Box<dyn Stream<Item = watcher::Result<Event<ConfigMap>>>>>;

async fn watch(kube: &FakeKube) -> Events {
    let api = Api::<ConfigMap>::namespaced(client(kube).await, "default");
    watcher(api, watcher::Config::default().fields("metadata.name=sky")).boxed_local()
}

/// The next event that is of an object or ends a listing, and that is no error.
async fn next(events: &mut Events) -> (&'static str, String) {
    let next = async {
        loop {
            match events.next().await.expect("a watcher never ends") {
                Ok(Event::InitApply(map)) => return ("listed", colour(&map)),
                Ok(Event::Apply(map)) => return ("applied", colour(&map)),
                Ok(Event::Delete(map)) => return ("deleted", colour(&map)),
                Ok(Event::InitDone) => return ("complete", String::new()),
                Ok(Event::Init) | Err(_) => (),
            }
        }
    };
    tokio::time::timeout(LIMIT, next).await.expect("an event")
}

fn requests(kube: &FakeKube, verb: Verb) -> usize {
    kube.requests().iter().filter(|request| request.verb == verb).count()
}

fn sky(colour: &str) -> serde_json::Value {
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": { "namespace": "default", "name": "sky" },
        "data": { "colour": colour },
    })
}

#[tokio::test]
async fn it_sees_what_comes_changes_and_goes() {
    let kube = FakeKube::start();
    let mut events = watch(&kube).await;
    assert_eq!(next(&mut events).await.0, "complete");
    kube.apply(&sky("blue"));
    assert_eq!(next(&mut events).await, ("applied", "blue".to_owned()));
    kube.apply(&sky("grey"));
    assert_eq!(next(&mut events).await, ("applied", "grey".to_owned()));
    kube.delete("ConfigMap", "default", "sky");
    assert_eq!(next(&mut events).await, ("deleted", "grey".to_owned()));
}

#[tokio::test]
async fn it_goes_on_after_a_cut() {
    let kube = FakeKube::start();
    let mut events = watch(&kube).await;
    assert_eq!(next(&mut events).await.0, "complete");
    kube.apply(&sky("blue"));
    assert_eq!(next(&mut events).await, ("applied", "blue".to_owned()));
    kube.cut_watches();
    kube.until(LIMIT, |kube| kube.open_watches() == 0).await;
    kube.apply(&sky("grey"));
    assert_eq!(next(&mut events).await, ("applied", "grey".to_owned()));
    assert_eq!(requests(&kube, Verb::Watch), 2);
    assert_eq!(requests(&kube, Verb::List), 1, "it went on from where it was");
}

#[tokio::test]
async fn it_lists_again_when_history_is_gone() {
    let kube = FakeKube::start();
    kube.apply(&sky("blue"));
    let mut events = watch(&kube).await;
    assert_eq!(next(&mut events).await, ("listed", "blue".to_owned()));
    assert_eq!(next(&mut events).await.0, "complete");
    kube.expire();
    assert_eq!(next(&mut events).await, ("listed", "blue".to_owned()));
    assert_eq!(next(&mut events).await.0, "complete");
    kube.apply(&sky("grey"));
    assert_eq!(next(&mut events).await, ("applied", "grey".to_owned()));
}
