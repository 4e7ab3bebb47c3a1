//! Accepts connections, on every worker from every listener.
//!
//! A connection wakes all workers that sleep, and one of them gets it. That was
//! measured against one worker that accepts and hands over to the others:
//! handing over wakes a thread as well, and costs more once there is load.

use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::net::TcpListener;
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

    /// The next connection, however long it takes. While accepting fails,
    /// clients wait in the kernel's backlog.
    async fn next(&self) -> Client {
        loop {
            let error = match self.accept().await {
                Ok(client) => return client,
                Err(error) => error,
            };
            let cause = PauseCause::of_accept(&error);
            if let Some(client) = self.pause(cause, Some(error.to_string()), self.recover()).await {
                return client;
            }
        }
    }

    /// Tries again until accepting does not fail, be it that no client waits.
    async fn recover(&self) -> Option<Client> {
        let mut backoff = Backoff::new();
        loop {
            backoff.wait().await;
            let mut accept = pin!(self.accept());
            match poll_fn(|cx| Poll::Ready(accept.as_mut().poll(cx))).await {
                Poll::Ready(Ok(client)) => return Some(client),
                Poll::Pending => return None,
                Poll::Ready(Err(_)) => {}
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
}
