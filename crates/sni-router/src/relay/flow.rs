//! One direction of a connection.

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::pipe::Pipe;
use crate::counters::Counter;
use crate::scratch;

/// Bytes after which another connection gets its turn, about half a millisecond's.
const TURN: u64 = 1 << 20;
/// Reads in a row that fill the buffer, after which bytes are spliced.
const BULK: u8 = 2;
/// When less than this many bytes come at a time, they are copied again.
const TRICKLE: usize = 8 * 1024;

/// Moves bytes from one socket, the source, to another, the sink.
#[derive(Default)]
pub(super) struct Flow {
    state: State,
    held: Held,
    /// Full reads in a row, up to [`BULK`].
    streak: u8,
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

/// What was read and the sink has not taken. Nothing is read before this is
/// gone, so that is all the memory a slow reader costs.
#[derive(Default)]
enum Held {
    #[default]
    Nothing,
    /// All from `sent` on.
    Bytes {
        bytes: Vec<u8>,
        sent: usize,
    },
    Piped(Pipe),
}

/// What a flow works on.
pub(super) struct Ends<'a> {
    pub(super) source: &'a mut TcpStream,
    pub(super) sink: &'a mut TcpStream,
    pub(super) counter: &'a Counter,
    /// Whether the other direction has ended: closing both sockets, which is
    /// next, then tells the sink that nothing more comes.
    pub(super) last: bool,
}

impl Flow {
    /// A flow that begins with bytes read already; the sink has got `sent` of them.
    pub(super) fn starting_with(bytes: Vec<u8>, sent: usize, counter: &Counter) -> Self {
        let mut flow = Self { held: Held::Bytes { bytes, sent: 0 }, ..Self::default() };
        flow.took(sent, counter);
        flow
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
        !matches!(self.held, Held::Nothing)
    }

    /// Moves bytes until one side has to be waited for. An error is the
    /// source's; a failure of the sink is only remembered, since the sink may
    /// have sent something before it failed, and that is still to be passed on.
    pub(super) fn advance(&mut self, cx: &mut Context<'_>, mut ends: Ends<'_>) -> io::Result<()> {
        let enough = self.moved + TURN;
        while self.moved < enough {
            if self.state != State::Open {
                return Ok(());
            }
            let Poll::Ready(step) = self.step(cx, &mut ends) else { return Ok(()) };
            step?;
        }
        // Polled once, this wakes the task after all others have had their turn.
        let _ = pin!(tokio::task::yield_now()).poll(cx);
        Ok(())
    }

    fn step(&mut self, cx: &mut Context<'_>, ends: &mut Ends<'_>) -> Poll<io::Result<()>> {
        if self.is_blocked() {
            if let Err(_gone) = ready!(self.flush(cx, ends)) {
                self.state = State::Broken;
            }
            return Poll::Ready(Ok(()));
        }
        if self.streak == BULK
            && let Some(pipe) = Pipe::take()
        {
            return self.splice(cx, ends, pipe);
        }
        scratch::with(|scratch| {
            let mut buffer = ReadBuf::new(scratch);
            ready!(Pin::new(&mut *ends.source).poll_read(cx, &mut buffer))?;
            self.streak = if buffer.remaining() == 0 { BULK.min(self.streak + 1) } else { 0 };
            self.pass_on(cx, buffer.filled(), ends);
            Poll::Ready(Ok(()))
        })
    }

    /// Writes what was read; nothing means that the source has ended.
    fn pass_on(&mut self, cx: &mut Context<'_>, bytes: &[u8], ends: &mut Ends<'_>) {
        if bytes.is_empty() {
            return self.end(cx, ends);
        }
        let sent = match Pin::new(&mut *ends.sink).poll_write(cx, bytes) {
            Poll::Ready(Ok(sent)) => sent,
            Poll::Ready(Err(_gone)) => return self.state = State::Broken,
            Poll::Pending => 0,
        };
        self.count(sent, ends.counter);
        if sent < bytes.len() {
            self.held = Held::Bytes { bytes: bytes[sent..].to_vec(), sent: 0 };
        }
    }

    /// Moves pages from the source into the pipe; the next step offers them to
    /// the sink. While there are none, the pipe is of more use to others.
    fn splice(&mut self, cx: &mut Context<'_>, ends: &mut Ends<'_>, mut pipe: Pipe) -> Poll<io::Result<()>> {
        match ready!(pipe.poll_fill(cx, ends.source))? {
            0 => self.end(cx, ends),
            filled => {
                self.streak = if filled < TRICKLE { 0 } else { BULK };
                self.held = Held::Piped(pipe);
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Tells the sink that nothing more comes.
    fn end(&mut self, cx: &mut Context<'_>, ends: &mut Ends<'_>) {
        if !ends.last {
            // A sink that is gone already is noticed by the other direction.
            let _ = Pin::new(&mut *ends.sink).poll_shutdown(cx);
        }
        self.state = State::Ended;
    }

    /// Offers the sink what is held. An error is the sink's.
    fn flush(&mut self, cx: &mut Context<'_>, ends: &mut Ends<'_>) -> Poll<io::Result<()>> {
        let sent = match &mut self.held {
            Held::Nothing => return Poll::Ready(Ok(())),
            Held::Bytes { bytes, sent } => ready!(Pin::new(&mut *ends.sink).poll_write(cx, &bytes[*sent..]))?,
            Held::Piped(pipe) => ready!(pipe.poll_drain(cx, ends.sink))?,
        };
        self.took(sent, ends.counter);
        Poll::Ready(Ok(()))
    }

    /// The sink has taken this much of what is held.
    fn took(&mut self, count: usize, counter: &Counter) {
        self.count(count, counter);
        let left = match &mut self.held {
            Held::Nothing => 0,
            Held::Bytes { bytes, sent } => {
                *sent += count;
                bytes.len() - *sent
            }
            Held::Piped(pipe) => pipe.filled(),
        };
        if left == 0 {
            self.held = Held::Nothing;
        }
    }

    fn count(&mut self, bytes: usize, counter: &Counter) {
        self.moved += bytes as u64;
        counter.add(bytes as u64);
    }
}
