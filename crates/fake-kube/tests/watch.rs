//! A watcher of the real client sees what happens, whatever happens.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests panic")]

use std::pin::Pin;

use fake_kube::{FakeKube, Fault, Verb, objects};
use futures_util::{Stream, StreamExt};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api,
    api::WatchParams,
    core::WatchEvent,
    runtime::watcher::{self, Event, watcher},
};
use serde_json::{Value, json};

mod common;
use common::{LIMIT, client, colour};

type Changes = Pin<Box<dyn Stream<Item = kube::Result<WatchEvent<ConfigMap>>>>>;
type Events = Pin<Box<dyn Stream<Item = watcher::Result<Event<ConfigMap>>>>>;

async fn watch(kube: &FakeKube) -> Events {
    watch_by(kube, watcher::Config::default()).await
}

async fn watch_by(kube: &FakeKube, config: watcher::Config) -> Events {
    let api = Api::<ConfigMap>::namespaced(client(kube).await, "default");
    watcher(api, config.fields("metadata.name=sky")).boxed_local()
}

/// The events of one watch, from a version on.
async fn changes(kube: &FakeKube, params: &WatchParams, from: &str) -> Changes {
    let api = Api::<ConfigMap>::namespaced(client(kube).await, "default");
    api.watch(params, from).await.expect("a watch").boxed_local()
}

async fn next_change(changes: &mut Changes) -> Option<(&'static str, String)> {
    let next = tokio::time::timeout(LIMIT, changes.next()).await.expect("an event");
    Some(match next?.expect("an event and no error") {
        WatchEvent::Added(map) => ("added", colour(&map)),
        WatchEvent::Modified(map) => ("modified", colour(&map)),
        WatchEvent::Deleted(map) => ("deleted", colour(&map)),
        WatchEvent::Bookmark(mark) => ("bookmark", mark.metadata.resource_version),
        WatchEvent::Error(status) => ("error", status.code.to_string()),
    })
}

fn version(kube: &FakeKube) -> String {
    let sky = kube.get("ConfigMap", "default", "sky").expect("the sky");
    sky["metadata"]["resourceVersion"].as_str().expect("a version").to_owned()
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

fn sky(colour: &str) -> Value {
    objects::config_map("default", "sky", "colour", colour)
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

#[tokio::test]
async fn it_goes_on_after_a_watch_that_fails() {
    let kube = FakeKube::start();
    kube.faults().push(Fault::cut().verb(Verb::Watch).times(1));
    kube.faults().push(Fault::status(503).verb(Verb::Watch).times(1));
    kube.faults().push(Fault::garbage("<html>\n").verb(Verb::Watch).times(1));
    kube.faults().push(Fault::error_event(500).times(1));
    let mut events = watch(&kube).await;
    assert_eq!(next(&mut events).await.0, "complete");
    kube.apply(&sky("blue"));
    assert_eq!(next(&mut events).await, ("applied", "blue".to_owned()));
    assert_eq!(requests(&kube, Verb::Watch), 5);
}

#[tokio::test]
async fn it_lists_by_a_watch_too() {
    let kube = FakeKube::start();
    kube.apply(&sky("blue"));
    let mut events = watch_by(&kube, watcher::Config::default().streaming_lists()).await;
    assert_eq!(next(&mut events).await, ("listed", "blue".to_owned()));
    assert_eq!(next(&mut events).await.0, "complete");
    kube.apply(&sky("grey"));
    assert_eq!(next(&mut events).await, ("applied", "grey".to_owned()));
    assert_eq!(requests(&kube, Verb::List), 0);
}

#[tokio::test]
async fn a_watch_begins_after_its_version() {
    let kube = FakeKube::start();
    kube.apply(&sky("blue"));
    let then = version(&kube);
    kube.apply(&sky("grey"));
    kube.delete("ConfigMap", "default", "sky");
    let mut changes = changes(&kube, &WatchParams::default(), &then).await;
    assert_eq!(next_change(&mut changes).await, Some(("modified", "grey".to_owned())));
    assert_eq!(next_change(&mut changes).await, Some(("deleted", "grey".to_owned())));
}

#[tokio::test]
async fn a_watch_sees_the_present_when_it_is_from_no_version() {
    let kube = FakeKube::start();
    kube.apply(&sky("blue"));
    let mut changes = changes(&kube, &WatchParams::default(), "0").await;
    assert_eq!(next_change(&mut changes).await, Some(("added", "blue".to_owned())));
}

#[tokio::test]
async fn what_the_selector_loses_is_deleted() {
    let kube = FakeKube::start();
    let mut sky = sky("blue");
    sky["metadata"]["labels"] = json!({ "time": "day" });
    let params = WatchParams::default().labels("time=day");
    let mut changes = changes(&kube, &params, "0").await;
    kube.apply(&sky);
    assert_eq!(next_change(&mut changes).await, Some(("added", "blue".to_owned())));
    sky["metadata"]["labels"] = json!({ "time": "night" });
    sky["data"]["colour"] = json!("black");
    kube.apply(&sky);
    assert_eq!(next_change(&mut changes).await, Some(("deleted", "blue".to_owned())));
}

#[tokio::test]
async fn a_version_that_is_forgotten_is_an_error() {
    let kube = FakeKube::start();
    kube.apply(&sky("blue"));
    let then = version(&kube);
    kube.expire();
    let mut changes = changes(&kube, &WatchParams::default(), &then).await;
    assert_eq!(next_change(&mut changes).await, Some(("error", "410".to_owned())));
    assert_eq!(next_change(&mut changes).await, None);
}

#[tokio::test]
async fn a_watch_ends_when_its_time_is_over() {
    let kube = FakeKube::start();
    kube.apply(&sky("blue"));
    let then = version(&kube);
    let params = WatchParams::default().timeout(1);
    let mut changes = changes(&kube, &params, &then).await;
    assert_eq!(next_change(&mut changes).await, Some(("bookmark", then)), "the last word");
    assert_eq!(next_change(&mut changes).await, None);
    kube.until(LIMIT, |kube| kube.open_watches() == 0).await;
}

#[tokio::test]
async fn bookmarks_are_for_those_who_ask() {
    let kube = FakeKube::start();
    kube.apply(&sky("blue"));
    let then = version(&kube);
    let mut with = changes(&kube, &WatchParams::default(), &then).await;
    let mut without = changes(&kube, &WatchParams::default().disable_bookmarks(), &then).await;
    kube.send_bookmarks();
    assert_eq!(next_change(&mut with).await, Some(("bookmark", then)));
    kube.apply(&sky("grey"));
    assert_eq!(next_change(&mut without).await, Some(("modified", "grey".to_owned())));
}
