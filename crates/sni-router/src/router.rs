//! Starting, reloading and stopping a router.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use routing::RoutingTable;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::accept::Acceptor;
use crate::event::{Event, Sink};
use crate::listener::{self, Listener};
use crate::loops::{self, ApplyError};
use crate::settings::Settings;
use crate::shared::{ListenerState, Shared};
use crate::snapshot::Snapshot;
use crate::worker::{Stop, Worker};

/// A running router. Dropping it stops it at once; [`drain`](Self::drain) lets
/// open connections end first.
pub struct Router {
    shared: Arc<Shared>,
    stop: watch::Sender<Stop>,
    acceptors: Vec<AbortHandle>,
    workers: Vec<Worker>,
}

/// Why a router does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is nothing to listen on.
    #[error("the router has no listeners")]
    NoListeners,
    /// A setting is out of its range.
    #[error("setting `{0}` must be at least 1")]
    Zero(&'static str),
    /// The table cannot be put in force.
    #[error(transparent)]
    Table(#[from] ApplyError),
    /// A listening socket cannot be used.
    #[error("listener `{address}` cannot be used")]
    Listener {
        /// Where it listens.
        address: SocketAddr,
        /// What the operating system says.
        source: io::Error,
    },
    /// The operating system gives no threads, files or memory.
    #[error("a worker thread cannot be started")]
    Worker(#[source] io::Error),
}

/// How a drain ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// Connections that were still open at the deadline, and were closed.
    pub cut: usize,
}

impl Router {
    /// Starts the worker threads. When this returns, connections are served.
    /// Refuses a table that sends connections to one of the `listeners`.
    pub fn start(
        listeners: Vec<Listener>,
        table: RoutingTable,
        settings: Settings,
        events: Sink,
    ) -> Result<Self, StartError> {
        check(&listeners, &settings)?;
        let states = listeners.iter().map(|it| state_of(it, &settings)).collect::<Result<Vec<_>, _>>()?;
        loops::refuse(&table, &states)?;
        let workers = settings.workers;
        let shared = Arc::new(Shared::new(settings, states, table, events));
        let (stop, stopped) = watch::channel(Stop::Never);
        let mut router = Self { shared, stop, acceptors: Vec::new(), workers: Vec::new() };
        for index in 0..workers {
            let worker = Worker::start(index, &router.shared.settings, stopped.clone());
            router.workers.push(worker.map_err(StartError::Worker)?);
        }
        router.accept(&listeners)?;
        // The workers have clones; a port is free again when they close theirs.
        drop(listeners);
        Ok(router)
    }

    /// Starts accepting, on every worker from every listener.
    fn accept(&mut self, listeners: &[Listener]) -> Result<(), StartError> {
        for seat in self.workers.iter().map(|worker| &worker.seat) {
            let _guard = seat.runtime.enter();
            for (index, listener) in listeners.iter().enumerate() {
                let address = self.shared.listeners[index].address;
                let socket = listener.socket.try_clone().and_then(TcpListener::from_std);
                let listener = socket.map_err(|source| StartError::Listener { address, source })?;
                let (shared, seat) = (Arc::clone(&self.shared), seat.clone());
                let acceptor = seat.runtime.clone().spawn(Acceptor { shared, index, listener, seat }.run());
                self.acceptors.push(acceptor.abort_handle());
            }
        }
        Ok(())
    }

    /// Puts `table` in force for connections whose hello is complete from now
    /// on. Open connections stay as they are, and routes of the same name go on
    /// with their counters. `false`: the table is in force already.
    pub fn apply(&self, table: RoutingTable) -> Result<bool, ApplyError> {
        loops::refuse(&table, &self.shared.listeners)?;
        Ok(self.shared.apply(table))
    }

    /// The table in force.
    pub fn table(&self) -> RoutingTable {
        self.shared.table()
    }

    /// All counters.
    pub fn snapshot(&self) -> Snapshot {
        self.shared.snapshot()
    }

    /// Closes the listeners, waits for open connections until `deadline` and
    /// closes what is left then. Blocks the calling thread.
    pub fn drain(mut self, deadline: Instant) -> Drained {
        self.shared.reporter.send(Event::Draining { active: self.shared.active() });
        let cut = self.stop(Stop::At(deadline));
        self.shared.reporter.send(Event::Drained { cut });
        Drained { cut }
    }

    /// Closes the listeners, and tells all workers to stop before waiting for
    /// the first of them.
    fn stop(&mut self, stop: Stop) -> usize {
        self.acceptors.drain(..).for_each(|acceptor| acceptor.abort());
        self.stop.send_replace(stop);
        self.workers.drain(..).map(Worker::join).sum()
    }
}

impl Drop for Router {
    fn drop(&mut self) {
        self.stop(Stop::Now);
    }
}

fn check(listeners: &[Listener], settings: &Settings) -> Result<(), StartError> {
    if listeners.is_empty() {
        return Err(StartError::NoListeners);
    }
    match settings {
        Settings { workers: 0, .. } => Err(StartError::Zero("workers")),
        Settings { max_connections: 0, .. } => Err(StartError::Zero("max_connections")),
        _ => Ok(()),
    }
}

fn state_of(listener: &Listener, settings: &Settings) -> Result<ListenerState, StartError> {
    let unspecified = SocketAddr::from(([0, 0, 0, 0], 0));
    let address = listener.socket.local_addr();
    let address = address.map_err(|source| StartError::Listener { address: unspecified, source })?;
    listener::prepare(&listener.socket, settings.keepalive)
        .map_err(|source| StartError::Listener { address, source })?;
    Ok(ListenerState::new(listener.entry_point, address))
}
