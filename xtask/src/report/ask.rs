//! Questions to whoever sits at the terminal.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::{Format, Reporter};
use crate::failure::Failure;
use crate::interrupt::Interrupt;

/// How often it is seen whether the user interrupts instead of answering.
const LOOK: Duration = Duration::from_millis(100);

impl Reporter {
    /// Asks, and returns whether the answer was yes. Fails with exit status 2
    /// when there is nobody to ask: no terminal, or a program that reads JSON.
    pub fn confirm(
        &self,
        question: &str,
        interrupt: &Interrupt,
        deadline: Option<Instant>,
    ) -> anyhow::Result<bool> {
        let stdin = io::stdin();
        if self.format == Format::Json || !stdin.is_terminal() || !io::stderr().is_terminal() {
            let message = format!("there is nobody to ask: {question}");
            return Err(Failure::usage(message).help("give `--yes` to say yes beforehand").into());
        }
        let shown = write!(anstream::stderr().lock(), "{question} [y/N] ");
        shown.context("cannot ask")?;
        let look = Timespec { tv_sec: 0, tv_nsec: LOOK.subsec_nanos().into() };
        // Not read before there is something to read: nothing would end that.
        while matches!(
            poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&look)),
            Ok(0) | Err(rustix::io::Errno::INTR)
        ) {
            interrupt.check()?;
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Err(Failure::timed_out("the time was up while waiting for an answer").into());
            }
        }
        let mut answer = String::new();
        stdin.lock().read_line(&mut answer).context("cannot read the answer")?;
        Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
    }
}
