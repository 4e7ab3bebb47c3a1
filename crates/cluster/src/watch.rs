//! Watches objects, and keeps what was last seen of them.

use std::fmt::Debug;

use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::core::v1;
use kube::{Api, Resource};
use serde::de::DeserializeOwned;
use tokio::sync::{mpsc, watch};

use crate::follow::{Followed, Update};
use crate::names::{Names, resolve};
use crate::{Cluster, Error, HostList, HostListRef, Last, ObjectName, Observed, Seen, Service, Wanted};

/// One task for each object, all of which end when the last receiver is dropped.
pub(crate) fn start(cluster: &Cluster, wanted: &Wanted) -> watch::Receiver<Seen> {
    let seen = Seen::nothing(wanted);
    let names: Vec<_> = seen.services.keys().cloned().collect();
    let (sender, receiver) = watch::channel(seen);
    for name in names {
        let followed = followed(cluster, "service", &name);
        let place = Place::new(&sender, move |seen| seen.services.get_mut(&name));
        spawn(followed, sender.clone(), |updates| keep_service(updates, place));
    }
    if let Some(list) = wanted.host_list.clone() {
        let followed = followed(cluster, "ConfigMap", &list.config_map);
        let place = Place::new(&sender, |seen| seen.host_list.as_mut());
        spawn(followed, sender, |updates| keep_hosts(updates, place, list));
    }
    receiver
}

fn followed<K>(cluster: &Cluster, kind: &str, object: &ObjectName) -> Followed<K>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>,
{
    Followed {
        api: Api::namespaced(cluster.client().clone(), &object.namespace),
        name: Some(object.name.clone()),
        may_be_unknown: false,
        server: cluster.server().to_owned(),
        what: format!("{kind} `{object}`"),
    }
}

/// Follows the object and keeps what is said of it, while somebody looks.
fn spawn<K, F>(
    followed: Followed<K>,
    seen: watch::Sender<Seen>,
    keep: impl FnOnce(mpsc::Receiver<Update<K>>) -> F,
) where
    K: Resource + Clone + DeserializeOwned + Debug + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let (sender, updates) = mpsc::channel(1);
    let keep = keep(updates);
    tokio::spawn(async move {
        tokio::select! {
            () = followed.follow(sender) => {}
            () = keep => {}
            () = seen.closed() => {}
        }
    });
}

async fn keep_service(mut updates: mpsc::Receiver<Update<v1::Service>>, place: Place<Service>) {
    let mut names = Names::new(resolve);
    let mut service: Option<Service> = None;
    loop {
        let update = tokio::select! {
            update = updates.recv() => match update {
                Some(update) => update,
                None => return,
            },
            () = names.refresh() => {
                if let Some(service) = &mut service {
                    names.fill(&mut service.ingress).await;
                    place.set_last(Last::There(service.clone()));
                }
                continue;
            }
        };
        match News::of(update) {
            News::Trouble(trouble) => place.set_trouble(trouble),
            News::There(object) => {
                let service = service.insert(object.into());
                names.fill(&mut service.ingress).await;
                place.set_last(Last::There(service.clone()));
            }
            News::Absent => {
                service = None;
                names.fill(&mut []).await;
                place.set_last(Last::Absent);
            }
        }
    }
}

async fn keep_hosts(
    mut updates: mpsc::Receiver<Update<v1::ConfigMap>>,
    place: Place<HostList>,
    list: HostListRef,
) {
    while let Some(update) = updates.recv().await {
        match News::of(update) {
            News::Trouble(trouble) => place.set_trouble(trouble),
            News::There(object) => {
                let text = object.data.as_ref().and_then(|data| data.get(&list.key));
                place.set_last(Last::There(match text {
                    Some(text) => HostList::parse(text, &list.domain),
                    None => HostList::without_key(&list.key),
                }));
            }
            News::Absent => place.set_last(Last::Absent),
        }
    }
}

/// What an update says of the one object that is followed.
enum News<K> {
    There(K),
    Absent,
    /// What keeps us from seeing more, or that nothing does.
    Trouble(Option<Error>),
}

impl<K> News<K> {
    fn of(update: Update<K>) -> Self {
        match update {
            Update::All(objects) => objects.into_iter().next().map_or(Self::Absent, Self::There),
            Update::There(object) => Self::There(object),
            Update::Gone(_) => Self::Absent,
            Update::Current => Self::Trouble(None),
            Update::Trouble(error) => Self::Trouble(Some(error)),
        }
    }
}

type Find<T> = Box<dyn Fn(&mut Seen) -> Option<&mut Observed<T>> + Send + Sync>;

/// Where in what is seen an object stands. Whoever looks is woken by changes alone.
struct Place<T> {
    seen: watch::Sender<Seen>,
    find: Find<T>,
}

impl<T: PartialEq> Place<T> {
    fn new(
        seen: &watch::Sender<Seen>,
        find: impl Fn(&mut Seen) -> Option<&mut Observed<T>> + Send + Sync + 'static,
    ) -> Self {
        Self { seen: seen.clone(), find: Box::new(find) }
    }

    fn set_last(&self, last: Last<T>) {
        self.set(|observed| &mut observed.last, last);
    }

    fn set_trouble(&self, trouble: Option<Error>) {
        self.set(|observed| &mut observed.trouble, trouble);
    }

    fn set<V: PartialEq>(&self, part: impl Fn(&mut Observed<T>) -> &mut V, value: V) {
        self.seen.send_if_modified(|seen| match (self.find)(seen).map(part) {
            Some(part) if *part != value => {
                *part = value;
                true
            }
            _ => false,
        });
    }
}
