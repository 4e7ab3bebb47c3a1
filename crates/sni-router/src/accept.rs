//! Accepts connections and places them on workers.
//!
//! All listeners are on the first worker. If every worker had them in its own
//! epoll instance, each connection would wake all of them (tokio cannot ask for
//! `EPOLLEXCLUSIVE`), and all but one in vain.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::OwnedSemaphorePermit;

use crate::connection::{self, Client};
use crate::event::{Event, PauseCause};
use crate::files::{self, Backoff};
use crate::shared::Shared;
use crate::socket;
use crate::worker::Seat;

/// Backends are nearly always reached by IPv4.
const ANY_IPV4: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
/// How many more connections than others the accepting worker keeps. Handing
/// over a connection wakes another thread, which does not pay for a few.
const SLACK: usize = 2;

/// Everything that accepts on one listener.
pub(crate) struct Acceptor {
    pub(crate) shared: Arc<Shared>,
    /// The position among the listeners.
    pub(crate) index: usize,
    pub(crate) listener: TcpListener,
    /// All workers; this runs on the first.
    pub(crate) seats: Arc<[Seat]>,
}

impl Acceptor {
    /// Accepts until it is dropped, which closes the listener.
    pub(crate) async fn run(self) {
        loop {
            let client = self.next().await;
            let slot = self.slot().await;
            self.shared.listeners[self.index].counters.accepted.add(1);
            self.place(client, slot);
        }
    }

    /// The next connection, however long it takes. When there are no file
    /// descriptors left, clients wait in the kernel's backlog.
    async fn next(&self) -> Client {
        let mut backoff = Backoff::new();
        let mut paused = false;
        loop {
            let error = match self.accept().await {
                Ok(client) => {
                    if paused {
                        self.resumed();
                    }
                    return client;
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

    /// The socket for the backend is made first: else all file descriptors
    /// could go to clients, and none of them could be connected.
    async fn accept(&self) -> io::Result<Client> {
        let onward = socket::stream_for(ANY_IPV4)?;
        let (socket, peer) = self.listener.accept().await?;
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

    /// The worker with the fewest connections, but this one if it is about even.
    fn seat(&self) -> &Seat {
        let here = &self.seats[0];
        let least = self.seats.iter().min_by_key(|seat| seat.taken()).unwrap_or(here);
        if here.taken() <= least.taken() + SLACK { here } else { least }
    }

    /// Starts serving a connection on one of the workers.
    fn place(&self, client: Client, slot: OwnedSemaphorePermit) {
        let seat = self.seat();
        let held = (slot, seat.take());
        let shared = Arc::clone(&self.shared);
        if std::ptr::eq(seat, &raw const self.seats[0]) {
            tokio::spawn(connection::serve(shared, client, held));
        } else {
            let Client { socket, peer, listener, onward } = client;
            let socket = socket.into_std();
            seat.runtime.spawn(async move {
                // Without kernel memory for epoll the connection is lost, as it
                // would be while it is accepted.
                if let Ok(socket) = socket.and_then(TcpStream::from_std) {
                    connection::serve(shared, Client { socket, peer, listener, onward }, held).await;
                }
            });
        }
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
