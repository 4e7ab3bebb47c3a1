//! Waits until objects have become what they are meant to be.

mod application;
mod condition;
mod daemon_set;
mod deployment;
mod kind;
mod pod;
mod standing;
mod state;
#[cfg(test)]
mod tests;
mod until;

use std::fmt;

use futures_util::stream::{self, Stream, StreamExt};
use kube::Api;
use kube::core::DynamicObject;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use crate::follow::{Followed, Update};
use crate::{Cluster, Error};

pub use condition::Condition;
pub use kind::Kind;
pub use standing::{Finding, Standing};
pub use state::State;
pub use until::Until;

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Awaited {
    /// The kind of object.
    pub kind: Kind,
    /// Where it is; `None`: anywhere, as always for a kind without namespaces.
    pub namespace: Option<String>,
    /// The one object of that name; `None`: all there are, at least one unless
    /// they are waited to be deleted.
    pub name: Option<String>,
    /// All of this at once; at least one, and each [fits](Until::fits) the kind.
    pub until: Vec<Until>,
}

impl Cluster {
    /// Watches all that is awaited, side by side, until it is ready, all of it
    /// at the same time, or until the deadline: whether it is ready is in what
    /// is returned, in the order of what is awaited. Objects that do not exist
    /// may come yet, and a cluster that cannot be reached is asked again.
    ///
    /// `progress` is called at each change with the position of what it is about.
    ///
    /// Fails at once where the cluster does not let us look, and at the
    /// deadline if it could not be reached in all the time. Needs a tokio runtime.
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// use cluster::{Access, Awaited, Cluster, Kind};
    /// use tokio::time::Instant;
    ///
    /// # async fn example() -> Result<(), cluster::Error> {
    /// let cluster = Cluster::open(&Access::default()).await?;
    /// let deadline = Instant::now() + Duration::from_secs(300);
    /// let awaited = [Awaited::one(Kind::Deployment, "argocd", "argocd-server")];
    /// let standings = cluster.wait(&awaited, deadline, |_, standing| println!("{standing}")).await?;
    /// assert!(standings[0].is_ready());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn wait(
        &self,
        awaited: &[Awaited],
        deadline: Instant,
        mut progress: impl FnMut(usize, &Standing),
    ) -> Result<Vec<Standing>, Error> {
        let updates = awaited.iter().map(|it| self.updates(it)).enumerate();
        let updates = updates.map(|(index, updates)| updates.map(move |update| (index, update)).boxed());
        let mut updates = stream::select_all(updates);
        let mut standings: Vec<_> = awaited.iter().cloned().map(Standing::new).collect();
        while let Ok(Some((index, update))) = timeout_at(deadline, updates.next()).await {
            match update {
                Update::Trouble(error) if !error.is_transient() => return Err(error),
                update => {
                    if standings[index].take(update) {
                        progress(index, &standings[index]);
                    }
                }
            }
            if standings.iter().all(Standing::is_ready) {
                return Ok(standings);
            }
        }
        if standings.iter().any(Standing::is_answered) {
            return Ok(standings);
        }
        let trouble = standings.iter().find_map(Standing::trouble).cloned();
        Err(trouble.unwrap_or_else(|| Error::Unreachable {
            server: self.server().to_owned(),
            reason: "it has not answered in time".to_owned(),
        }))
    }

    /// What becomes of the objects, as long as the stream is there.
    fn updates(&self, awaited: &Awaited) -> impl Stream<Item = Update<DynamicObject>> + use<> {
        let (client, resource) = (self.client().clone(), awaited.kind.resource());
        let api = match &awaited.namespace {
            Some(namespace) => Api::namespaced_with(client, namespace, &resource),
            None => Api::all_with(client, &resource),
        };
        let followed = Followed {
            api,
            name: awaited.name.clone(),
            may_be_unknown: awaited.kind == Kind::Application,
            server: self.server().to_owned(),
            what: awaited.to_string(),
        };
        let (sender, mut receiver) = mpsc::channel(1);
        let unheard = sender.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = followed.follow(sender) => {}
                () = unheard.closed() => {}
            }
        });
        stream::poll_fn(move |cx| receiver.poll_recv(cx))
    }
}

impl Awaited {
    /// One object of a kind with namespaces, with what is waited for by default.
    pub fn one(kind: Kind, namespace: impl Into<String>, name: impl Into<String>) -> Self {
        let (namespace, name) = (Some(namespace.into()), Some(name.into()));
        Self { kind, namespace, name, until: kind.default_until().to_vec() }
    }
}

impl fmt::Display for Awaited {
    /// ``service `argocd/argocd-server` ``, `nodes`, ``applications in `argocd` ``.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [singular, plural, _] = self.kind.names();
        match (&self.namespace, &self.name) {
            (Some(namespace), Some(name)) => write!(f, "{singular} `{namespace}/{name}`"),
            (None, Some(name)) => write!(f, "{singular} `{name}`"),
            (Some(namespace), None) => write!(f, "{plural} in `{namespace}`"),
            (None, None) => f.write_str(plural),
        }
    }
}
