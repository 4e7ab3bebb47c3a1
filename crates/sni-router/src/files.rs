//! The limit on open files, and running into it.

use std::io;
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Resource, getrlimit};

/// File descriptors kept for everything that is not a connection: listeners,
/// epoll instances, log files, the caller's own.
const RESERVED: u64 = 128;
/// More bulk transfers than a machine has cores to move at a time.
const MOST_PIPES: usize = 64;
/// Even a tiny limit lets some connections through; running out is survived.
const FEWEST: u64 = 16;
/// More than anybody needs, and a bound for an unlimited number of files.
const MOST: u64 = 1_000_000;

/// How many pipes a limit of `open_files` descriptors has room for.
pub(crate) fn pipes_within(open_files: u64) -> usize {
    usize::try_from(open_files / 16).unwrap_or(usize::MAX).min(MOST_PIPES)
}

/// How many connections a limit of `open_files` descriptors has room for: each
/// takes two, and some are kept back, for pipes as well.
///
/// ```
/// assert_eq!(sni_router::connections_within(20_000), 9_872);
/// assert_eq!(sni_router::connections_within(64), 16);
/// ```
pub fn connections_within(open_files: u64) -> usize {
    let pipes = 2 * pipes_within(open_files) as u64;
    let connections = open_files.saturating_sub(RESERVED + pipes) / 2;
    // The bounds make it fit: at most a million.
    usize::try_from(connections.clamp(FEWEST, MOST)).unwrap_or(usize::MAX)
}

/// The soft limit on open files of this process.
pub(crate) fn limit() -> u64 {
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// Whether a call failed for want of file descriptors or kernel memory, which
/// time may mend.
pub(crate) fn exhausted(error: &io::Error) -> bool {
    let errno = Errno::from_io_error(error);
    matches!(errno, Some(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM))
}

/// Waiting times that double, from 5 ms to 1 s.
pub(crate) struct Backoff(Duration);

impl Backoff {
    pub(crate) fn new() -> Self {
        Self(Duration::from_millis(5))
    }

    pub(crate) async fn wait(&mut self) {
        tokio::time::sleep(self.0).await;
        self.0 = (self.0 * 2).min(Duration::from_secs(1));
    }
}
