//! Moves bytes between a client and a backend until both are done.

mod flow;
#[cfg_attr(not(target_os = "linux"), path = "relay/no_pipe.rs")]
pub(crate) mod pipe;

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::Sleep;

use crate::counters::RouteCounters;
use crate::reason::Reason;
use crate::socket;
use flow::{Ends, Flow, State};

/// Both directions of one connection. Resolves when both have ended in order,
/// or with the reason why they did not; unless they have, dropping it resets both
/// sides.
pub(crate) struct Relay<'a> {
    client: TcpStream,
    backend: TcpStream,
    up: Flow,
    down: Flow,
    route: &'a RouteCounters,
    stall: Stall,
}

impl<'a> Relay<'a> {
    /// `hello` was read from the client already, and the backend has got the
    /// first `sent` bytes of it.
    pub(crate) fn new(
        client: TcpStream,
        backend: TcpStream,
        route: &'a RouteCounters,
        (hello, sent): (Vec<u8>, usize),
        stall_limit: Duration,
    ) -> Self {
        let up = Flow::starting_with(hello, sent, &route.bytes_in);
        let down = Flow::default();
        let stall = Stall { limit: stall_limit, timer: None, moved: 0 };
        Self { client, backend, up, down, route, stall }
    }

    /// Moves what can be moved now. `Ready` when there is nothing left to do.
    fn advance(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Reason>> {
        let (client, backend) = (&mut self.client, &mut self.backend);
        let ends = Ends {
            source: client,
            sink: backend,
            counter: &self.route.bytes_in,
            last: self.down.state() == State::Ended,
        };
        if self.up.advance(cx, ends).is_err() {
            return Poll::Ready(Err(Reason::ClientReset));
        }
        let ends = Ends {
            source: backend,
            sink: client,
            counter: &self.route.bytes_out,
            last: self.up.state() == State::Ended,
        };
        if self.down.advance(cx, ends).is_err() {
            return Poll::Ready(Err(Reason::BackendReset));
        }
        match (self.up.state(), self.down.state()) {
            (State::Open, _) | (_, State::Open) => self.stall.poll(cx, &self.up, &self.down),
            // What the other side had sent before is passed on by now.
            (State::Broken, _) => Poll::Ready(Err(Reason::BackendReset)),
            (_, State::Broken) => Poll::Ready(Err(Reason::ClientReset)),
            (State::Ended, State::Ended) => Poll::Ready(Ok(())),
        }
    }
}

impl Future for Relay<'_> {
    type Output = Result<(), Reason>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.advance(cx)
    }
}

impl Drop for Relay<'_> {
    /// What has not ended in order, be it by a failure or because the router
    /// stops, is reset: an orderly end would make half an answer look whole.
    fn drop(&mut self) {
        if (self.up.state(), self.down.state()) != (State::Ended, State::Ended) {
            socket::reset_on_close(&self.client);
            socket::reset_on_close(&self.backend);
        }
    }
}

/// Notices that nothing moves. The timer is only made when a connection is
/// half-closed or blocked, so idle connections do without.
struct Stall {
    limit: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    /// Bytes moved when the timer was set.
    moved: u64,
}

impl Stall {
    fn poll(&mut self, cx: &mut Context<'_>, up: &Flow, down: &Flow) -> Poll<Result<(), Reason>> {
        let waiting = up.state() != down.state() || up.is_blocked() || down.is_blocked();
        if !waiting && self.timer.is_none() {
            return Poll::Pending;
        }
        let moved = up.moved() + down.moved();
        loop {
            let Some(timer) = &mut self.timer else {
                self.moved = moved;
                self.timer = Some(Box::pin(tokio::time::sleep(self.limit)));
                continue;
            };
            ready!(timer.as_mut().poll(cx));
            self.timer = None;
            if !waiting {
                return Poll::Pending;
            }
            if self.moved == moved {
                return Poll::Ready(Err(Reason::Stalled));
            }
        }
    }
}
