//! Accepts connections, on every worker from every listener.
//!
//! A connection wakes all workers that sleep, and one of them gets it. That was
//! measured against one worker that accepts and hands over to the others:
//! handing over wakes a thread as well, and costs more once there is load.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use tokio::net::TcpListener;
use tokio::sync::OwnedSemaphorePermit;

use crate::connection::{self, Client};
use crate::event::{Event, PauseCause};
use crate::files::{self, Backoff};
use crate::shared::Shared;
use crate::socket;
use crate::worker::Seat;

/// Backends are nearly always reached by IPv4.
const ANY_IPV4: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

/// Accepts on one listener for one worker.
pub(crate) struct Acceptor {
    pub(crate) shared: Arc<Shared>,
    /// The position among the listeners.
    pub(crate) index: usize,
    pub(crate) listener: TcpListener,
    /// The worker that this runs on.
    pub(crate) seat: Seat,
}

impl Acceptor {
    /// Accepts until it is dropped, which closes the listener.
    pub(crate) async fn run(self) {
        loop {
            let client = self.next().await;
            let slot = self.slot().await;
            self.shared.listeners[self.index].counters.accepted.add(1);
            let held = (slot, self.seat.take());
            tokio::spawn(connection::serve(Arc::clone(&self.shared), client, held));
        }
    }

    /// The next connection, however long it takes. When there are no file
    /// descriptors left, clients wait in the kernel's backlog.
    async fn next(&self) -> Client {
        let mut backoff = Backoff::new();
        let mut paused = false;
        loop {
            let error = match self.accept(&mut paused).await {
                Ok(client) => return client,
                Err(error) => error,
            };
            if error.kind() == io::ErrorKind::ConnectionAborted {
                continue;
            }
            if files::exhausted(&error) && !paused {
                paused = true;
                self.paused(PauseCause::OutOfFiles);
            }
            backoff.wait().await;
        }
    }

    /// The socket for the backend is made first: else all file descriptors
    /// could go to clients, and none of them could be connected.
    async fn accept(&self, paused: &mut bool) -> io::Result<Client> {
        let onward = socket::stream_for(ANY_IPV4)?;
        let accept = |cx: &mut Context<'_>| {
            let accepted = self.listener.poll_accept(cx);
            let starved = matches!(&accepted, Poll::Ready(Err(error)) if files::exhausted(error));
            if *paused && !starved {
                *paused = false;
                self.resumed();
            }
            accepted
        };
        let (socket, peer) = std::future::poll_fn(accept).await?;
        Ok(Client { socket, peer, listener: self.index, onward })
    }

    /// A place among the connections allowed. Meanwhile nothing is accepted.
    async fn slot(&self) -> OwnedSemaphorePermit {
        if let Ok(slot) = Arc::clone(&self.shared.slots).try_acquire_owned() {
            return slot;
        }
        self.paused(PauseCause::ConnectionLimit);
        let slot = Arc::clone(&self.shared.slots).acquire_owned().await;
        self.resumed();
        #[expect(clippy::expect_used, reason = "the semaphore is never closed")]
        slot.expect("the semaphore is never closed")
    }

    /// Tells that the listener pauses, unless another worker has told already.
    fn paused(&self, cause: PauseCause) {
        let listener = &self.shared.listeners[self.index];
        if listener.pauses.fetch_add(1, Ordering::Relaxed) == 0 {
            self.shared.reporter.send(Event::AcceptPaused { address: listener.address, cause });
        }
    }

    /// Tells that the listener goes on, unless another worker still pauses.
    fn resumed(&self) {
        let listener = &self.shared.listeners[self.index];
        if listener.pauses.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.shared.reporter.send(Event::AcceptResumed { address: listener.address });
        }
    }
}
