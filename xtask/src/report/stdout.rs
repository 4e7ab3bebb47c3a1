//! Standard output: what was asked for.

use std::io::{self, Write as _};

use anyhow::Context as _;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::Reporter;
use crate::failure::Failure;

impl Reporter {
    /// Prints text that is meant for a program or a file as it stands, such as
    /// a completion script.
    pub fn stdout(&self, text: &str) -> anyhow::Result<()> {
        let mut stdout = anstream::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            // Whoever read our output, `head` perhaps, has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written.context(Failure::failed("cannot write to standard output")),
        }
    }

    /// Whether somebody may still read standard output: `head` may have seen
    /// enough.
    pub fn has_reader(&self) -> bool {
        let stdout = io::stdout();
        let mut ends = [PollFd::new(&stdout, PollFlags::empty())];
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        // A system that cannot tell is taken to have a reader.
        poll(&mut ends, Some(&at_once)).is_err() || !ends[0].revents().contains(PollFlags::ERR)
    }
}

/// Columns of the terminal that standard output goes to, if it is one.
pub fn terminal_width() -> Option<usize> {
    let columns = rustix::termios::tcgetwinsize(io::stdout()).ok().map(|size| usize::from(size.ws_col));
    columns.filter(|&columns| columns > 0)
}
