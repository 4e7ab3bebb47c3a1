//! One direction of a connection.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::counters::Counter;
use crate::scratch;

/// Reads after which another connection gets its turn.
const TURN: usize = 16;

/// Moves bytes from one socket, the source, to another, the sink.
#[derive(Default)]
pub(super) struct Flow {
    state: State,
    /// What the sink did not take at once, the rest from `sent` on.
    pending: Vec<u8>,
    sent: usize,
    moved: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum State {
    #[default]
    Open,
    /// The source has ended, and the sink was told.
    Ended,
    /// The sink takes nothing any more.
    Broken,
}

impl Flow {
    pub(super) fn starting_with(pending: Vec<u8>) -> Self {
        Self { pending, ..Self::default() }
    }

    pub(super) fn state(&self) -> State {
        self.state
    }

    /// Bytes that the sink has taken so far.
    pub(super) fn moved(&self) -> u64 {
        self.moved
    }

    /// Whether the sink has not taken all that was read.
    pub(super) fn is_blocked(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Moves bytes until one side has to be waited for. An error is the
    /// source's; a failure of the sink is only remembered, since the sink may
    /// have sent something before it failed, and that is still to be passed on.
    pub(super) fn advance(
        &mut self,
        cx: &mut Context<'_>,
        source: &mut TcpStream,
        sink: &mut TcpStream,
        counter: &Counter,
    ) -> io::Result<()> {
        for _ in 0..TURN {
            if self.state != State::Open {
                return Ok(());
            }
            let Poll::Ready(step) = self.step(cx, source, sink, counter) else { return Ok(()) };
            step?;
        }
        // Polled once, this wakes the task after all others had their turn.
        let mut yielding = std::pin::pin!(tokio::task::yield_now());
        let _ = std::future::Future::poll(yielding.as_mut(), cx);
        Ok(())
    }

    fn step(
        &mut self,
        cx: &mut Context<'_>,
        source: &mut TcpStream,
        sink: &mut TcpStream,
        counter: &Counter,
    ) -> Poll<io::Result<()>> {
        while self.is_blocked() {
            let Ok(count) = ready!(Pin::new(&mut *sink).poll_write(cx, &self.pending[self.sent..])) else {
                self.state = State::Broken;
                return Poll::Ready(Ok(()));
            };
            self.count(count, counter);
        }
        scratch::with(|scratch| {
            let mut buffer = ReadBuf::new(scratch);
            ready!(Pin::new(source).poll_read(cx, &mut buffer))?;
            self.pass_on(cx, buffer.filled(), sink, counter);
            Poll::Ready(Ok(()))
        })
    }

    /// Writes what was read; nothing means that the source has ended.
    fn pass_on(&mut self, cx: &mut Context<'_>, bytes: &[u8], sink: &mut TcpStream, counter: &Counter) {
        if bytes.is_empty() {
            // A sink that is gone is noticed by the other direction.
            let _ = Pin::new(sink).poll_shutdown(cx);
            self.state = State::Ended;
            return;
        }
        let count = match Pin::new(sink).poll_write(cx, bytes) {
            Poll::Ready(Ok(count)) => count,
            Poll::Ready(Err(_)) => {
                self.state = State::Broken;
                return;
            }
            Poll::Pending => 0,
        };
        self.moved += count as u64;
        counter.add(count as u64);
        self.pending.extend_from_slice(&bytes[count..]);
    }

    fn count(&mut self, count: usize, counter: &Counter) {
        self.sent += count;
        self.moved += count as u64;
        counter.add(count as u64);
        if self.sent == self.pending.len() {
            self.pending = Vec::new();
            self.sent = 0;
        }
    }
}
