//! The server as a test holds it.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use serde_json::Value;
use tokio::runtime::Handle;

use crate::{
    fault::Faults,
    kubeconfig::kubeconfig,
    options::Options,
    request::Request,
    resource::Resource,
    server::Server,
    state::State,
    store::{Key, Store},
};

/// A Kubernetes API on 127.0.0.1 with a thread of its own. When dropped, it
/// closes every connection and is gone.
#[derive(Debug)]
pub struct FakeKube {
    state: Arc<State>,
    reach: Arc<Reach>,
    runtime: Handle,
    /// None in what [`after`](Self::after) hands out.
    _server: Option<Server>,
}

#[derive(Debug)]
struct Reach {
    url: String,
    options: Options,
}

impl FakeKube {
    /// Serves plain HTTP on a free port.
    ///
    /// # Panics
    ///
    /// When the machine has no port or thread left.
    #[expect(clippy::expect_used, reason = "a test that gets no server has nothing else to do")]
    pub fn start() -> Self {
        Self::start_with(Options::default()).expect("a free port on 127.0.0.1 and a thread")
    }

    /// Serves as the options say.
    ///
    /// # Errors
    ///
    /// When the address is taken, or the certificate and the key are not PEM
    /// or do not fit each other.
    pub fn start_with(options: Options) -> io::Result<Self> {
        let tls = options.acceptor()?;
        let listener = TcpListener::bind(options.address.unwrap_or((Ipv4Addr::LOCALHOST, 0).into()))?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr()?);
        let state = Arc::new(State::new(options.token.clone()));
        let server = Server::start(listener, tls, Arc::clone(&state))?;
        Ok(Self {
            state,
            reach: Arc::new(Reach { url, options }),
            runtime: server.runtime.clone(),
            _server: Some(server),
        })
    }

    /// `http://127.0.0.1:PORT`, or `https`.
    pub fn url(&self) -> &str {
        &self.reach.url
    }

    /// A kubeconfig that leads here. Cluster, user and context are `fake`; the
    /// certificate and the token are in it.
    pub fn kubeconfig(&self) -> String {
        let options = &self.reach.options;
        let ca = options.tls.as_ref().map(|tls| tls.certificate_pem.as_str());
        kubeconfig(&self.reach.url, ca, options.token.as_deref())
    }

    /// Creates or replaces an object. It has a new resource version also if it
    /// is as it was, and watches are told.
    ///
    /// # Panics
    ///
    /// When it has no name, is of a kind that is not served, or has a namespace
    /// where its kind has none or the other way round.
    #[track_caller]
    pub fn apply(&self, object: &Value) {
        let metadata = &object["metadata"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let key = key(&text(&object["kind"]), &text(&metadata["namespace"]), &text(&metadata["name"]));
        assert!(!key.name.is_empty(), "an object needs a name: {object}");
        self.state.change(|store| store.put(key, object.clone()));
    }

    /// Removes an object and tells watches. The namespace of a kind without
    /// namespaces is empty. Returns whether there was one.
    ///
    /// # Panics
    ///
    /// When the kind is not served or the namespace does not go with it.
    #[track_caller]
    pub fn delete(&self, kind: &str, namespace: &str, name: &str) -> bool {
        let key = key(kind, namespace, name);
        self.state.change(|store| store.remove(key))
    }

    /// An object as it is now.
    ///
    /// # Panics
    ///
    /// When the kind is not served or the namespace does not go with it.
    #[track_caller]
    pub fn get(&self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        self.state.store().get(&key(kind, namespace, name)).cloned()
    }

    /// Answers requests for a group, such as `metallb.io`, as if nothing had
    /// defined its kinds, until it is [defined](Self::define). At first, all are.
    ///
    /// # Panics
    ///
    /// When no kind of the group is served.
    #[track_caller]
    pub fn undefine(&self, group: &str) {
        check_group(group);
        self.state.define(group, false);
    }

    /// Answers requests for a group.
    ///
    /// # Panics
    ///
    /// When no kind of the group is served.
    #[track_caller]
    pub fn define(&self, group: &str) {
        check_group(group);
        self.state.define(group, true);
    }

    /// Leads what `kubectl port-forward` sends to a port of a pod to an
    /// address; other ports refuse it.
    pub fn forward(&self, namespace: &str, pod: &str, port: u16, to: SocketAddr) {
        self.state.forward(namespace, pod, port, to);
    }

    /// What goes wrong.
    pub fn faults(&self) -> &Faults {
        &self.state.faults
    }

    /// Every request so far, in the order in which they came, answered or not.
    pub fn requests(&self) -> Vec<Request> {
        self.state.requests()
    }

    /// How many watches are being served.
    pub fn open_watches(&self) -> usize {
        self.state.open_watches()
    }

    /// Resets the connection of every open watch.
    pub fn cut_watches(&self) {
        self.state.signal(|signals| signals.cuts += 1);
    }

    /// Sends a bookmark to every open watch that takes them.
    pub fn send_bookmarks(&self) {
        self.state.signal(|signals| signals.bookmarks += 1);
    }

    /// Forgets all history. Open watches, and watches from an older resource
    /// version, are told so by an `ERROR` event of code 410; pages of a list
    /// that has begun, and lists of exactly such a version, are refused with
    /// 410. This is what API servers do; for a watch that is refused with 410
    /// there is [`Fault::status`](crate::Fault::status).
    pub fn expire(&self) {
        self.state.change(Store::expire);
    }

    /// Does something once the time has passed, unless the server is dropped
    /// first. It runs on the thread that serves, so it may not wait.
    pub fn after(&self, delay: Duration, act: impl FnOnce(&Self) + Send + 'static) {
        let kube = Self {
            state: Arc::clone(&self.state),
            reach: Arc::clone(&self.reach),
            runtime: self.runtime.clone(),
            _server: None,
        };
        self.runtime.spawn(async move {
            tokio::time::sleep(delay).await;
            act(&kube);
        });
    }

    /// Waits until this many requests have come, or panics as
    /// [`wait_for`](Self::wait_for) does.
    #[track_caller]
    pub fn wait_for_requests(&self, count: usize, limit: Duration) {
        self.wait_for(limit, |kube| kube.requests().len() >= count);
    }

    /// Waits until something is true of the requests, the watches or the
    /// objects. Not for asynchronous tests, whose own work it would hold up:
    /// there it panics, and [`until`](Self::until) does it.
    ///
    /// # Panics
    ///
    /// When it is not true within the limit. The requests so far are told.
    #[track_caller]
    pub fn wait_for(&self, limit: Duration, condition: impl Fn(&Self) -> bool) {
        let holds = self.runtime.block_on(self.holds_within(limit, condition));
        assert!(holds, "not so within {limit:?}; requests so far: {:#?}", self.requests());
    }

    /// Like [`wait_for`](Self::wait_for), in asynchronous tests.
    pub async fn until(&self, limit: Duration, condition: impl Fn(&Self) -> bool) {
        let holds = self.holds_within(limit, condition).await;
        assert!(holds, "not so within {limit:?}; requests so far: {:#?}", self.requests());
    }

    async fn holds_within(&self, limit: Duration, condition: impl Fn(&Self) -> bool) -> bool {
        let mut signals = self.state.signals();
        let holds = async { while !condition(self) && signals.changed().await.is_ok() {} };
        tokio::time::timeout(limit, holds).await.is_ok()
    }
}

#[track_caller]
fn check_group(group: &str) {
    assert!(Resource::all().iter().any(|known| known.group == group), "`{group}` is not served");
}

#[track_caller]
fn key(kind: &str, namespace: &str, name: &str) -> Key {
    let Some(resource) = Resource::of_kind(kind) else {
        let served: Vec<_> = Resource::all().iter().map(|known| known.kind).collect();
        panic!("`{kind}` is not served; served are {served:?}");
    };
    let is_namespaced = !namespace.is_empty();
    assert_eq!(is_namespaced, resource.namespaced, "whether a {kind} such as `{name}` has a namespace");
    Key { plural: resource.plural, namespace: namespace.to_owned(), name: name.to_owned() }
}
