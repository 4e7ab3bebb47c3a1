//! A connection that is cut when nothing moves.

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// Fails with [`ErrorKind::TimedOut`] once no byte has gone either way for
/// `limit`, and something is waited for; however long the whole takes.
pub(super) struct Idle<S> {
    stream: S,
    limit: Duration,
    end: Pin<Box<Sleep>>,
}

impl<S: Unpin> Idle<S> {
    /// Begins to count at once. Needs a runtime with a clock.
    pub(super) fn new(stream: S, limit: Duration) -> Self {
        Self { stream, limit, end: Box::pin(sleep(limit)) }
    }

    /// What came of moving something; of nothing that ends, if that took too long.
    fn moved<T>(
        &mut self,
        cx: &mut Context<'_>,
        outcome: Poll<io::Result<T>>,
        has_moved: impl Fn(&T) -> bool,
    ) -> Poll<io::Result<T>> {
        match outcome {
            Poll::Ready(Ok(done)) if has_moved(&done) => {
                self.end.as_mut().reset(Instant::now() + self.limit);
                Poll::Ready(Ok(done))
            }
            Poll::Pending => self.end.as_mut().poll(cx).map(|()| Err(ErrorKind::TimedOut.into())),
            ended @ Poll::Ready(_) => ended,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Idle<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.moved(cx, outcome, |()| buffer.filled().len() > before)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Idle<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.moved(cx, outcome, |&count| count > 0)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_flush(cx);
        self.moved(cx, outcome, |()| false)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.moved(cx, outcome, |()| false)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.moved(cx, outcome, |&count| count > 0)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    const LIMIT: Duration = Duration::from_millis(10);

    fn block_on<T>(io: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(io)
    }

    #[test]
    fn a_peer_that_says_nothing_is_cut_off() {
        block_on(async {
            let (ours, _theirs) = duplex(8);
            let error = Idle::new(ours, LIMIT).read_u8().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TimedOut);
        });
    }

    #[test]
    fn a_peer_that_reads_nothing_is_cut_off() {
        block_on(async {
            let (ours, _theirs) = duplex(8);
            let error = Idle::new(ours, LIMIT).write_all(&[0; 9]).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TimedOut);
        });
    }

    /// No time passes for a runtime's clock before its task waits.
    #[test]
    fn whatever_moves_gives_it_the_whole_time_again() {
        block_on(async {
            let (ours, mut theirs) = duplex(8);
            let mut ours = Idle::new(ours, LIMIT);
            for _ in 0..3 {
                assert!(ours.read_u8().now_or_never().is_none());
                sleep(LIMIT * 2).await;
                assert!(ours.end.is_elapsed());
                theirs.write_u8(1).await.unwrap();
                assert_eq!(ours.read_u8().now_or_never().unwrap().unwrap(), 1);
                assert!(ours.read_u8().now_or_never().is_none(), "cut off as soon as it waits");
                sleep(LIMIT * 2).await;
                ours.write_all(&[2]).now_or_never().unwrap().unwrap();
                assert!(ours.read_u8().now_or_never().is_none(), "cut off as soon as it waits");
                assert_eq!(theirs.read_u8().await.unwrap(), 2);
            }
        });
    }
}
