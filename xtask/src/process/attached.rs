//! Programs that are told what to do as daemons are, and end with us.

use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;

use super::detached::{exchange, open_log};
use super::{Program, Running};
use crate::context::Context;
use crate::failure::Failure;

impl Program {
    /// Starts it as [`Program::start_detached`] does, but in a process group
    /// that is ours to end. Returns what it says until it closes its standard
    /// output, or ends; it is ended when it says nothing by `deadline`.
    pub fn start_attached(
        &self,
        cx: &Context,
        input: &[u8],
        log: &Path,
        deadline: Instant,
    ) -> anyhow::Result<(Running, String)> {
        cx.interrupt.check()?;
        cx.reporter.command(&self.to_string());
        let log = open_log(log)?;
        let (socket, theirs) = UnixStream::pair().context("cannot make a pair of sockets")?;
        // Its end of the socket goes with the expression; while we have it we see no end.
        let expression = self.expression().stdin_null().stdout_file(theirs).stderr_file(log).unchecked();
        let handle = expression.start().map_err(|error| self.cannot_start(error))?;
        drop(expression);
        let running = Running::new(cx, handle, self);
        let answer = exchange(&socket, input, deadline);
        cx.interrupt.check()?;
        let answer = answer.with_context(|| Failure::timed_out(format!("`{self}` did not serve in time")))?;
        Ok((running, answer))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::failure::{Exit, exit_of};

    fn start(script: &str, patience: Duration) -> anyhow::Result<(Running, String)> {
        let log = tempfile::NamedTempFile::new().unwrap();
        // The socket is its standard input as well, to read from.
        let program = Program::new("sh").args(["-c", &format!("exec <&1; {script}")]);
        program.start_attached(&Context::for_tests(), b"told\n", log.path(), Instant::now() + patience)
    }

    #[test]
    fn it_is_told_and_answers_and_runs_on() {
        let script = "read line; echo \"$line back\"; exec >&- <&-; exec sleep 600";
        let (running, answer) = start(script, Duration::from_mins(1)).unwrap();
        assert_eq!(answer, "told back\n");
        assert_eq!(running.ended().unwrap(), None);
    }

    #[test]
    fn one_that_never_answers_is_given_up() {
        let error = start("exec sleep 600", Duration::from_millis(50)).unwrap_err();
        assert_eq!(exit_of(&error), Exit::TimedOut, "{error:#}");
    }
}
