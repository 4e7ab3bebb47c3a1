//! A thread that accepts and relays.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{OwnedSemaphorePermit, watch};

use crate::connection;
use crate::event::{Event, PauseCause};
use crate::files::{self, Backoff};
use crate::listener::Listener;
use crate::shared::Shared;

/// Threads need little: the deepest stack is a few function calls.
const STACK: usize = 256 * 1024;

/// Whether and when to stop.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stop {
    Never,
    /// Close the listeners, then let connections end until this moment.
    At(Instant),
    Now,
}

pub(crate) struct Worker(JoinHandle<usize>);

impl Worker {
    /// Returns when the thread accepts from all listeners.
    pub(crate) fn start(
        shared: &Arc<Shared>,
        listeners: &[Listener],
        stop: watch::Receiver<Stop>,
    ) -> io::Result<Self> {
        let sockets = listeners.iter().map(|it| it.socket.try_clone()).collect::<io::Result<Vec<_>>>()?;
        let shared = Arc::clone(shared);
        let (ready, started) = mpsc::sync_channel(1);
        let body = move || {
            let outcome = prepare(sockets);
            match outcome {
                Ok((runtime, listeners)) => {
                    // The starting thread waits for this message.
                    let _ = ready.send(Ok(()));
                    run(&shared, &runtime, listeners, stop)
                }
                Err(error) => {
                    let _ = ready.send(Err(error));
                    0
                }
            }
        };
        let thread = thread::Builder::new().name("sni-router".into()).stack_size(STACK).spawn(body)?;
        started.recv().map_err(io::Error::other)??;
        Ok(Self(thread))
    }

    /// Waits for the thread to end and tells how many connections it cut.
    pub(crate) fn join(self) -> usize {
        self.0.join().unwrap_or(0)
    }
}

fn prepare(sockets: Vec<std::net::TcpListener>) -> io::Result<(Runtime, Vec<TcpListener>)> {
    let runtime = Builder::new_current_thread().enable_io().enable_time().build()?;
    let guard = runtime.enter();
    let listeners = sockets.into_iter().map(TcpListener::from_std).collect::<io::Result<_>>()?;
    drop(guard);
    Ok((runtime, listeners))
}

fn run(
    shared: &Arc<Shared>,
    runtime: &Runtime,
    listeners: Vec<TcpListener>,
    mut stop: watch::Receiver<Stop>,
) -> usize {
    runtime.block_on(async {
        let (open, mut all_closed) = tokio::sync::mpsc::channel(1);
        let mut accepting = tokio::task::JoinSet::new();
        for (index, listener) in listeners.into_iter().enumerate() {
            accepting.spawn(accept(Arc::clone(shared), index, listener, open.clone()));
        }
        drop(open);
        // An error means that the router is gone, which is a reason to stop too.
        let stopped =
            stop.wait_for(|stop| !matches!(stop, Stop::Never)).await.map_or(Stop::Now, |stop| *stop);
        accepting.shutdown().await;
        if let Stop::At(deadline) = stopped {
            let _ = tokio::time::timeout_at(deadline.into(), all_closed.recv()).await;
        }
        Handle::current().metrics().num_alive_tasks()
    })
}

/// Held by every connection of a worker, so that it knows when the last ended.
pub(crate) type Open = tokio::sync::mpsc::Sender<()>;

/// Accepts until it is dropped.
async fn accept(shared: Arc<Shared>, index: usize, listener: TcpListener, open: Open) {
    loop {
        let (client, peer) = next(&shared, index, &listener).await;
        let slot = slot(&shared, index).await;
        shared.listeners[index].counters.accepted.add(1);
        tokio::spawn(connection::serve(Arc::clone(&shared), index, client, peer, (slot, open.clone())));
    }
}

/// The next connection, however long it takes.
async fn next(shared: &Shared, index: usize, listener: &TcpListener) -> (TcpStream, SocketAddr) {
    let mut pause: Option<Backoff> = None;
    let address = shared.listeners[index].address;
    loop {
        let error = match listener.accept().await {
            Ok(accepted) => {
                if pause.is_some() {
                    shared.reporter.send(Event::AcceptResumed { address });
                }
                return accepted;
            }
            Err(error) => error,
        };
        // Other errors are those of a connection that is gone already.
        if files::exhausted(&error) {
            if pause.is_none() {
                shared.reporter.send(Event::AcceptPaused { address, cause: PauseCause::OutOfFiles });
            }
            pause.get_or_insert_with(Backoff::new).wait().await;
        }
    }
}

/// A place among the connections allowed. Meanwhile nothing is accepted.
async fn slot(shared: &Shared, index: usize) -> OwnedSemaphorePermit {
    if let Ok(slot) = Arc::clone(&shared.slots).try_acquire_owned() {
        return slot;
    }
    let address = shared.listeners[index].address;
    shared.reporter.send(Event::AcceptPaused { address, cause: PauseCause::ConnectionLimit });
    #[expect(clippy::expect_used, reason = "the semaphore is never closed")]
    let slot = Arc::clone(&shared.slots).acquire_owned().await.expect("the semaphore is never closed");
    shared.reporter.send(Event::AcceptResumed { address });
    slot
}
