//! Questions that are answered with yes or no.

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::Context as _;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::Reporter;
use crate::interrupt::Interrupt;

/// How often it is looked whether the user rather wants to stop.
const TICK: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
/// Longest answer, in bytes.
const MAX: usize = 64;

impl Reporter {
    /// Asks, on the terminal; anything but `y` and `yes` means no. `None` where
    /// there is no terminal to answer from. Fails with exit status 130 when the
    /// user interrupts.
    pub fn confirm(&self, interrupt: &Interrupt, question: &str) -> anyhow::Result<Option<bool>> {
        let stdin = io::stdin();
        if !stdin.is_terminal() {
            return Ok(None);
        }
        let mut stderr = anstream::stderr().lock();
        let asked = write!(stderr, "{question} [y/N] ").and_then(|()| stderr.flush());
        asked.context("cannot ask on standard error")?;
        drop(stderr);
        loop {
            interrupt.check()?;
            let mut ends = [PollFd::new(&stdin, PollFlags::IN)];
            match poll(&mut ends, Some(&TICK)) {
                Ok(0) | Err(rustix::io::Errno::INTR) => {}
                Ok(_) => break,
                Err(error) => return Err(error).context("cannot wait for the answer"),
            }
        }
        let mut answer = [0; MAX];
        // A terminal gives a line at a time.
        let count = rustix::io::read(&stdin, &mut answer).context("cannot read the answer")?;
        let answer = String::from_utf8_lossy(&answer[..count]).trim().to_ascii_lowercase();
        Ok(Some(answer == "y" || answer == "yes"))
    }
}
