//! Accepts connections and places them on workers.
//!
//! All listeners are on the first worker. If every worker had them in its own
//! epoll instance, each connection would wake all of them (tokio cannot ask for
//! `EPOLLEXCLUSIVE`), and all but one in vain.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::OwnedSemaphorePermit;

use crate::connection::{self, Client};
use crate::event::{Event, PauseCause};
use crate::files::{self, Backoff};
use crate::shared::Shared;
use crate::socket;
use crate::worker::Seat;

/// How many more connections than others the accepting worker keeps. Handing
/// over a connection wakes another thread, which does not pay for a few.
const SLACK: usize = 8;

/// Everything that accepts on one listener.
pub(crate) struct Acceptor {
    pub(crate) shared: Arc<Shared>,
    /// The position among the listeners.
    pub(crate) index: usize,
    pub(crate) listener: AsyncFd<TcpListener>,
    /// All workers; this runs on the first.
    pub(crate) seats: Arc<[Seat]>,
}

impl Acceptor {
    /// Accepts until it is dropped, which closes the listener.
    pub(crate) async fn run(self) {
        loop {
            let (socket, peer) = self.next().await;
            let slot = self.slot().await;
            self.shared.listeners[self.index].counters.accepted.add(1);
            let seat = self.seat();
            let held = (slot, seat.take());
            let client = Client { socket, peer, listener: self.index };
            seat.runtime.spawn(connection::serve(Arc::clone(&self.shared), client, held));
        }
    }

    /// The next connection, however long it takes. When there are no file
    /// descriptors left, clients wait in the kernel's backlog.
    async fn next(&self) -> (TcpStream, SocketAddr) {
        let mut backoff = Backoff::new();
        let mut paused = false;
        loop {
            let error = match self.listener.async_io(Interest::READABLE, socket::accept).await {
                Ok(accepted) => {
                    if paused {
                        self.resumed();
                    }
                    return accepted;
                }
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

    /// The worker with the fewest connections, but this one if it is about even.
    fn seat(&self) -> &Seat {
        let here = &self.seats[0];
        let least = self.seats.iter().min_by_key(|seat| seat.taken()).unwrap_or(here);
        if here.taken() <= least.taken() + SLACK { here } else { least }
    }

    fn paused(&self, cause: PauseCause) {
        let address = self.shared.listeners[self.index].address;
        self.shared.reporter.send(Event::AcceptPaused { address, cause });
    }

    fn resumed(&self) {
        let address = self.shared.listeners[self.index].address;
        self.shared.reporter.send(Event::AcceptResumed { address });
    }
}
