//! What the server and the test share.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use tokio::sync::watch;

use crate::{fault::Faults, forward::Forwards, request::Request, store::Store};

/// The cluster, its faults and what it was asked.
#[derive(Debug)]
pub struct State {
    store: Mutex<Store>,
    pub faults: Faults,
    /// The bearer token that requests must carry.
    pub token: Option<String>,
    /// The groups that nobody has defined.
    undefined: Mutex<BTreeSet<String>>,
    forwards: Forwards,
    requests: Mutex<Vec<Request>>,
    open_watches: AtomicUsize,
    signals: watch::Sender<Signals>,
}

/// What watches and waiting tests are woken by: each change of the state, and
/// these, as counts of how often they were asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Signals {
    pub cuts: usize,
    pub bookmarks: usize,
}

impl State {
    pub fn new(token: Option<String>) -> Self {
        // Revisions grow from one server to the next, as they do when a real
        // one starts again: a client cannot go on from what it has forgotten.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let revision = u64::try_from(now.as_micros()).unwrap_or_default();
        Self {
            store: Mutex::new(Store::new(revision)),
            faults: Faults::default(),
            token,
            undefined: Mutex::default(),
            forwards: Mutex::default(),
            requests: Mutex::default(),
            open_watches: AtomicUsize::new(0),
            signals: watch::Sender::default(),
        }
    }

    pub fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the objects and wakes the watches.
    pub fn change<T>(&self, change: impl FnOnce(&mut Store) -> T) -> T {
        let result = change(&mut self.store());
        self.signal(|_| ());
        result
    }

    pub fn define(&self, group: &str, defined: bool) {
        let mut undefined = self.undefined.lock().unwrap_or_else(PoisonError::into_inner);
        if defined {
            undefined.remove(group);
        } else {
            undefined.insert(group.to_owned());
        }
    }

    pub fn is_undefined(&self, group: &str) -> bool {
        self.undefined.lock().unwrap_or_else(PoisonError::into_inner).contains(group)
    }

    /// Leads a port of a pod to an address.
    pub fn forward(&self, namespace: &str, pod: &str, port: u16, to: SocketAddr) {
        let mut forwards = self.forwards.lock().unwrap_or_else(PoisonError::into_inner);
        forwards.insert((namespace.to_owned(), pod.to_owned(), port), to);
    }

    /// Where a port of a pod leads.
    pub fn forward_to(&self, namespace: &str, pod: &str, port: u16) -> Option<SocketAddr> {
        let forwards = self.forwards.lock().unwrap_or_else(PoisonError::into_inner);
        forwards.get(&(namespace.to_owned(), pod.to_owned(), port)).copied()
    }

    pub fn note(&self, request: Request) {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        self.signal(|_| ());
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn watch_opened(&self) {
        self.open_watches.fetch_add(1, Ordering::SeqCst);
        self.signal(|_| ());
    }

    pub fn watch_closed(&self) {
        self.open_watches.fetch_sub(1, Ordering::SeqCst);
        self.signal(|_| ());
    }

    pub fn open_watches(&self) -> usize {
        self.open_watches.load(Ordering::SeqCst)
    }

    pub fn signal(&self, signal: impl FnOnce(&mut Signals)) {
        self.signals.send_modify(signal);
    }

    pub fn signals(&self) -> watch::Receiver<Signals> {
        self.signals.subscribe()
    }
}
