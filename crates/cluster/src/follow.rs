//! Follows objects: lists them, then watches them, and begins again whenever that ends.
//!
//! `kube::runtime::watcher` is not used, as it does not say when a watch is
//! back after trouble, puts no limit to the time of a list, and asks again
//! without a pause when a server ends each watch at once.

use std::fmt::Debug;
use std::pin::pin;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use futures_util::StreamExt;
use kube::api::{Api, ListParams, WatchEvent, WatchParams};
use kube::{Resource, ResourceExt};
use serde::de::DeserializeOwned;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

use crate::Error;

/// How long a server may take to answer.
pub(crate) const ANSWER_LIMIT: Duration = Duration::from_secs(10);
/// How long a server is asked to hold a watch, in seconds. A connection that
/// died without a word is noticed after it, so it is short; a new list and
/// watch of a few objects cost a server next to nothing.
const WATCH_SECONDS: u32 = 30;
/// How long after that the server's end of the watch may take to arrive.
const WATCH_GRACE: Duration = Duration::from_secs(5);
/// A watch that held this long was a good one: pauses begin anew.
const STEADY: Duration = Duration::from_secs(5);
/// Longest pause while lists are answered: so late a change may be seen where no watch holds.
const WORKING_PAUSE: Duration = Duration::from_secs(1);
/// Pauses between tries that fail double from the first to the last of these,
/// and are lengthened by up to as much again at random.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(7_500)];

/// News of the objects.
pub(crate) enum Update<K> {
    /// These exist, and no other.
    All(Vec<K>),
    /// This one exists, and is so now.
    There(K),
    /// This one does not exist any more.
    Gone(K),
    /// What is known is current: there is no trouble, or no more.
    Current,
    /// Nothing newer can be known.
    Trouble(Error),
}

/// The objects to follow.
pub(crate) struct Followed<K> {
    /// In their namespace, or everywhere.
    pub api: Api<K>,
    /// The name of the only one; `None`: all of them.
    pub name: Option<String>,
    /// A cluster may not know their kind, and then has none of them.
    pub may_be_unknown: bool,
    /// The address of the cluster, for errors.
    pub server: String,
    /// Kind and name, or the kind in the plural; for errors.
    pub what: String,
}

/// Why a watch, or the list before it, ended before its time.
enum End {
    /// Nobody takes updates any more.
    Unheard,
    /// The server does not go back so far (410): a new list is needed.
    Expired,
    /// The cluster does not know their kind.
    Unknown,
    /// The cluster cannot be asked.
    Trouble(Error),
}

impl<K> Followed<K>
where
    K: Resource + Clone + DeserializeOwned + Debug + Send + 'static,
{
    /// Sends what becomes of the objects until the receiver is dropped.
    pub(crate) async fn follow(&self, updates: mpsc::Sender<Update<K>>) {
        let mut pauses = pauses();
        loop {
            let begin = Instant::now();
            let longest = match self.list_and_watch(&updates).await {
                Ok(()) | Err(End::Expired | End::Unknown) => WORKING_PAUSE,
                Err(End::Unheard) => return,
                Err(End::Trouble(error)) => {
                    if updates.send(Update::Trouble(error)).await.is_err() {
                        return;
                    }
                    Duration::MAX
                }
            };
            if begin.elapsed() > STEADY && longest == WORKING_PAUSE {
                pauses = self::pauses();
            }
            // The iterator has no end, as it has no greatest number of tries.
            sleep(pauses.next().unwrap_or(PAUSES[1]).min(longest)).await;
        }
    }

    /// Returns when the watch ends, as it does from time to time, is cut off, or is silent.
    async fn list_and_watch(&self, updates: &mpsc::Sender<Update<K>>) -> Result<(), End> {
        let fields = self.name.as_ref().map(|name| format!("metadata.name={name}"));
        let params = ListParams { field_selector: fields.clone(), ..ListParams::default() };
        let list = match self.answer(self.api.list(&params)).await {
            Err(End::Unknown) => {
                tell(updates, Update::All(Vec::new())).await?;
                return tell(updates, Update::Current).await;
            }
            list => list?,
        };
        let version = list.metadata.resource_version.unwrap_or_default();
        let objects = list.items.into_iter().filter(|object| self.is_wanted(object)).collect();
        tell(updates, Update::All(objects)).await?;

        let params = WatchParams { field_selector: fields, ..WatchParams::default() }.timeout(WATCH_SECONDS);
        let events = self.answer(self.api.watch(&params, &version)).await?;
        tell(updates, Update::Current).await?;
        let mut events = pin!(events);
        let silence = Duration::from_secs(WATCH_SECONDS.into()) + WATCH_GRACE;
        while let Ok(Some(event)) = timeout(silence, events.next()).await {
            let event = match event {
                // Cut off; whether that is trouble, the next list tells.
                Err(kube::Error::ReadEvents(_)) => break,
                event => event.map_err(|error| self.end(&error))?,
            };
            match event {
                WatchEvent::Added(object) | WatchEvent::Modified(object) if self.is_wanted(&object) => {
                    tell(updates, Update::There(object)).await?;
                }
                WatchEvent::Deleted(object) if self.is_wanted(&object) => {
                    tell(updates, Update::Gone(object)).await?;
                }
                WatchEvent::Error(status) => return Err(self.end(&kube::Error::Api(status))),
                _ => {}
            }
        }
        Ok(())
    }

    /// A field selector is a wish that a server may not know.
    fn is_wanted(&self, object: &K) -> bool {
        self.name.as_ref().is_none_or(|name| object.name_any() == *name)
    }

    async fn answer<T>(&self, asking: impl Future<Output = kube::Result<T>>) -> Result<T, End> {
        match timeout(ANSWER_LIMIT, asking).await {
            Ok(answer) => answer.map_err(|error| self.end(&error)),
            Err(_) => Err(End::Trouble(Error::silent(&self.server, ANSWER_LIMIT))),
        }
    }

    fn end(&self, error: &kube::Error) -> End {
        match error {
            kube::Error::Api(status) if status.code == 410 => End::Expired,
            kube::Error::Api(status) if status.code == 404 && self.may_be_unknown => End::Unknown,
            error => End::Trouble(Error::of(&self.server, &self.what, error)),
        }
    }
}

async fn tell<K>(updates: &mpsc::Sender<Update<K>>, update: Update<K>) -> Result<(), End> {
    updates.send(update).await.map_err(|_| End::Unheard)
}

fn pauses() -> ExponentialBackoff {
    let [first, last] = PAUSES;
    ExponentialBuilder::new()
        .with_min_delay(first)
        .with_max_delay(last)
        .without_max_times()
        .with_jitter()
        .build()
}

#[cfg(test)]
#[path = "follow_tests.rs"]
mod tests;
