//! Pipes that pages go through from one socket to another without being
//! copied, pooled by thread.

use std::cell::RefCell;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use rustix::pipe::{PipeFlags, SpliceFlags, fcntl_setpipe_size, pipe_with, splice};
use tokio::io::Interest;
use tokio::net::TcpStream;

/// Size of a pipe in bytes, 128 pages. The 64 KiB that a pipe has by itself
/// took nearly twice the time per byte, more than this brought nothing. Linux
/// lets the processes of a user without privileges have 16,384 pages in pipes.
const SIZE: usize = 512 * 1024;
/// No `SPLICE_F_MORE`: it makes the kernel wait for more to fill a segment.
const FLAGS: SpliceFlags = SpliceFlags::MOVE.union(SpliceFlags::NONBLOCK);

thread_local! {
    static POOL: RefCell<Pool> = RefCell::default();
}

/// The pipes of a thread.
#[derive(Default)]
struct Pool {
    idle: Vec<Arc<Ends>>,
    /// How many more may be made.
    left: usize,
}

struct Ends {
    reader: OwnedFd,
    writer: OwnedFd,
}

/// Lets this thread have `count` pipes at a time.
pub(crate) fn allow(count: usize) {
    POOL.with_borrow_mut(|pool| pool.left = count);
}

/// A pipe in use. Dropped empty, it goes back to the pool; with bytes in it,
/// it is closed.
pub(super) struct Pipe {
    ends: Arc<Ends>,
    filled: usize,
}

impl Pipe {
    /// An empty pipe, unless all are in use or there are no file descriptors left.
    pub(super) fn take() -> Option<Self> {
        let ends = POOL.with_borrow_mut(|pool| pool.idle.pop().or_else(|| pool.make()))?;
        Some(Self { ends, filled: 0 })
    }

    /// Bytes that wait in the pipe.
    pub(super) fn filled(&self) -> usize {
        self.filled
    }

    /// Fills the empty pipe from `source`; 0: the source has ended.
    pub(super) fn poll_fill(&mut self, cx: &mut Context<'_>, source: &TcpStream) -> Poll<io::Result<usize>> {
        self.filled = loop {
            ready!(source.poll_read_ready(cx))?;
            let fill = || Ok(splice(source, None, &self.ends.writer, None, SIZE, FLAGS)?);
            match source.try_io(Interest::READABLE, fill) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                outcome => break outcome?,
            }
        };
        Poll::Ready(Ok(self.filled))
    }

    /// Empties the pipe into `sink` as far as that takes it.
    pub(super) fn poll_drain(&mut self, cx: &mut Context<'_>, sink: &TcpStream) -> Poll<io::Result<usize>> {
        let drained = loop {
            ready!(sink.poll_write_ready(cx))?;
            let drain = || Ok(splice(&self.ends.reader, None, sink, None, self.filled, FLAGS)?);
            match sink.try_io(Interest::WRITABLE, drain) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                outcome => break outcome?,
            }
        };
        self.filled -= drained;
        Poll::Ready(Ok(drained))
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        // A thread that ends has no pool any more, and needs none.
        let _ = POOL.try_with(|pool| {
            let mut pool = pool.borrow_mut();
            if self.filled == 0 {
                pool.idle.push(Arc::clone(&self.ends));
            } else {
                pool.left += 1;
            }
        });
    }
}

impl Pool {
    fn make(&mut self) -> Option<Arc<Ends>> {
        let left = self.left.checked_sub(1)?;
        let (reader, writer) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK).ok()?;
        // Without it the pipe has 16 slots, which is slower but works.
        let _ = fcntl_setpipe_size(&writer, SIZE);
        self.left = left;
        Some(Arc::new(Ends { reader, writer }))
    }
}
