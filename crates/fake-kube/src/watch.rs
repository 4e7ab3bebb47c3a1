//! The lines of a watch.

use std::{collections::VecDeque, io, sync::Arc, time::Duration};

use futures_util::{Stream, stream};
use hyper::body::Bytes;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};

use crate::{
    failure::Failure,
    read::number,
    request::Request,
    resource::Target,
    selector::Selector,
    state::{Signals, State},
    store::{Change, set_revision},
};

/// How long a watch lasts that does not say how long.
const LIFETIME: Duration = Duration::from_mins(30);

/// A watch in progress.
struct Watch {
    state: Arc<State>,
    target: Target,
    selector: Selector,
    bookmarks: bool,
    ends: Instant,
    signals: tokio::sync::watch::Receiver<Signals>,
    seen: Signals,
    /// What has been told about.
    revision: u64,
    lines: VecDeque<Bytes>,
    ended: bool,
}

/// Begins a watch. Its lines end with an error where the connection is to be
/// reset.
pub fn watch(
    state: Arc<State>,
    target: Target,
    request: &Request,
) -> Result<impl Stream<Item = io::Result<Bytes>> + Send + 'static, Failure> {
    let watch = Watch::begin(state, target, request)?;
    Ok(stream::unfold(watch, |mut watch| async move {
        let line = watch.next().await?;
        Some((line, watch))
    }))
}

impl Watch {
    fn begin(state: Arc<State>, target: Target, request: &Request) -> Result<Self, Failure> {
        let selector = Selector::of(request, target.resource)?;
        let lifetime = number(request, "timeoutSeconds")?.map_or(LIFETIME, Duration::from_secs);
        let from = number(request, "resourceVersion")?.filter(|revision| *revision != 0);
        let signals = state.signals();
        let seen = *signals.borrow();
        state.watch_opened();
        let mut watch = Self {
            revision: from.unwrap_or_default(),
            bookmarks: request.is_set("allowWatchBookmarks"),
            ends: Instant::now() + lifetime,
            lines: VecDeque::new(),
            ended: false,
            state,
            target,
            selector,
            signals,
            seen,
        };
        if from.is_none() {
            watch.tell_present(request.is_set("sendInitialEvents"));
        }
        Ok(watch)
    }

    /// Begins with what is there, for a watch from no version.
    fn tell_present(&mut self, mark_end: bool) {
        let state = Arc::clone(&self.state);
        let store = state.store();
        self.revision = store.revision();
        let present = store.snapshot(self.revision).unwrap_or_default();
        for (_, object) in present.iter().filter(|(key, _)| self.target.holds(key)) {
            if self.selector.matches(object) {
                self.lines.push_back(line("ADDED", object));
            }
        }
        if mark_end {
            self.tell_bookmark(&json!({ "k8s.io/initial-events-end": "true" }));
        }
    }

    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            let signals = *self.signals.borrow_and_update();
            if signals.cuts != self.seen.cuts {
                return Some(Err(io::ErrorKind::ConnectionReset.into()));
            }
            if let Some(line) = self.lines.pop_front() {
                return Some(Ok(line));
            }
            if self.ended {
                return None;
            }
            self.tell_changes();
            if signals.bookmarks != self.seen.bookmarks {
                self.tell_bookmark(&json!({}));
            }
            self.seen = signals;
            if self.lines.is_empty() {
                self.wait().await;
            }
        }
    }

    /// Until something may have happened or the time is over.
    async fn wait(&mut self) {
        tokio::select! {
            // It fails when the state is gone, which this holds.
            _ = self.signals.changed() => (),
            () = sleep_until(self.ends) => {
                self.tell_bookmark(&json!({}));
                self.ended = true;
            }
        }
    }

    fn tell_changes(&mut self) {
        let state = Arc::clone(&self.state);
        let store = state.store();
        match store.changes_since(self.revision) {
            Ok(changes) => {
                let lines: Vec<_> = changes.iter().filter_map(|change| self.line_of(change)).collect();
                self.lines.extend(lines);
                self.revision = store.revision();
            }
            Err(failure) => {
                self.lines.push_back(line("ERROR", &failure.status()));
                self.ended = true;
            }
        }
    }

    /// What a change is to this watch: an object comes and goes also as the
    /// selector begins and ceases to match it.
    fn line_of(&self, change: &Change) -> Option<Bytes> {
        if !self.target.holds(&change.key) {
            return None;
        }
        let matching = |object: &Option<Value>| object.clone().filter(|object| self.selector.matches(object));
        match (matching(&change.before), matching(&change.after)) {
            (None, None) => None,
            (None, Some(after)) => Some(line("ADDED", &after)),
            (Some(_), Some(after)) => Some(line("MODIFIED", &after)),
            (Some(mut before), None) => {
                set_revision(&mut before, change.revision);
                Some(line("DELETED", &before))
            }
        }
    }

    fn tell_bookmark(&mut self, annotations: &Value) {
        if self.bookmarks {
            let bookmark = json!({
                "kind": self.target.resource.kind,
                "apiVersion": self.target.resource.api_version(),
                "metadata": {
                    "resourceVersion": self.revision.to_string(),
                    "creationTimestamp": null,
                    "annotations": annotations,
                },
            });
            self.lines.push_back(line("BOOKMARK", &bookmark));
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.state.watch_closed();
    }
}

/// One event: a JSON object and a line feed.
pub fn line(event: &str, object: &Value) -> Bytes {
    format!("{}\n", json!({ "type": event, "object": object })).into()
}
