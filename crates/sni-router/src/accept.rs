//! Accepts connections and places them on workers.
//!
//! All listeners are on the first worker. If every worker had them in its own
//! epoll instance, each connection would wake all of them (tokio cannot ask for
//! `EPOLLEXCLUSIVE`), and all but one in vain.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use crate::connection::{self, Client};
use crate::event::{Event, PauseCause};
use crate::files::Backoff;
use crate::reporter::Kind;
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

    /// The next connection, however long it takes. While accepting fails,
    /// clients wait in the kernel's backlog.
    async fn next(&self) -> Client {
        match self.accept().await {
            Ok(client) => client,
            Err(error) => {
                let cause = PauseCause::of_accept(&error);
                self.pause(cause, Some(error.to_string()), self.retry()).await
            }
        }
    }

    async fn retry(&self) -> Client {
        let mut backoff = Backoff::new();
        loop {
            backoff.wait().await;
            if let Ok(client) = self.accept().await {
                return client;
            }
        }
    }

    /// The socket for the backend is made first: else all file descriptors
    /// could go to clients, and none of them could be connected.
    async fn accept(&self) -> io::Result<Client> {
        let onward = socket::stream_for(ANY_IPV4)?;
        loop {
            match self.listener.accept().await {
                Ok((socket, peer)) => return Ok(Client { socket, peer, listener: self.index, onward }),
                // Gone before its turn; others may wait.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// A place among the connections allowed. Meanwhile nothing is accepted.
    async fn slot(&self) -> OwnedSemaphorePermit {
        if let Ok(slot) = Arc::clone(&self.shared.slots).try_acquire_owned() {
            return slot;
        }
        let slot = Arc::clone(&self.shared.slots).acquire_owned();
        let slot = self.pause(PauseCause::ConnectionLimit, None, slot).await;
        #[expect(clippy::expect_used, reason = "the semaphore is never closed")]
        slot.expect("the semaphore is never closed")
    }

    /// Waits for the `end` of a pause and tells of both, or of neither.
    async fn pause<T>(&self, cause: PauseCause, detail: Option<String>, end: impl Future<Output = T>) -> T {
        let reporter = &self.shared.reporter;
        let address = self.shared.listeners[self.index].address;
        let kind = Kind::Paused(cause);
        let event = |left_out| Event::AcceptPaused { address, cause, detail: detail.clone(), left_out };
        let mut end = pin!(end);
        while !reporter.offer(kind, event) {
            // Left out only if it is over before it may be told.
            if let Ok(ended) = timeout(Duration::from_secs(1), end.as_mut()).await {
                reporter.leave_out(kind);
                return ended;
            }
        }
        let ended = end.await;
        reporter.send(Event::AcceptResumed { address });
        ended
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
}
