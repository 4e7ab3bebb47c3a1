//! Programs whose words are read as they come.

use std::io::{self, ErrorKind, PipeReader, Read as _};
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::{Program, Running};
use crate::context::Context;
use crate::failure::Failure;
use crate::printable::printable;

/// How much is read at once, in bytes.
const CHUNK: usize = 4096;

impl Program {
    /// Runs it to its end and gives each line that it prints to `line` at once:
    /// its exit status, and all its words. It is ended at `deadline`, or when
    /// the user interrupts. It shares our turn by its standard input, also if
    /// we are killed.
    pub fn follow(
        &self,
        cx: &Context,
        deadline: Instant,
        mut line: impl FnMut(&str),
    ) -> anyhow::Result<(ExitStatus, String)> {
        cx.interrupt.check()?;
        cx.reporter.command(&self.to_string());
        let turn = cx.turn.get().map(crate::lock::Lock::share).transpose()?;
        let (mut reader, writer) = io::pipe().context("cannot make a pipe")?;
        let expression =
            turn.map_or_else(|| self.expression().stdin_null(), |turn| self.expression().stdin_file(turn));
        let expression = expression.stderr_to_stdout().stdout_file(writer).unchecked();
        let handle = expression.start().map_err(|error| self.cannot_start(error))?;
        // Its end of the pipe goes with the expression; while we have it we see no end.
        drop(expression);
        let running = Running::new(cx, handle, self);
        let said = read_lines(&mut reader, deadline, &mut line)
            .with_context(|| format!("cannot read what `{self}` says"))?;
        let ended = running.handle.wait_deadline(deadline);
        let ended = ended.with_context(|| format!("cannot wait for `{self}`"))?.map(|output| output.status);
        cx.interrupt.check()?;
        let status = ended.with_context(|| {
            Failure::timed_out(format!("`{self}` was still running when the time was up"))
                .help("give it more time with `--timeout`")
        })?;
        Ok((status, said))
    }
}

/// All that can be read to the end, or to the deadline.
fn read_lines(reader: &mut PipeReader, deadline: Instant, line: &mut impl FnMut(&str)) -> io::Result<String> {
    let (mut said, mut rest) = (String::new(), Vec::new());
    let mut chunk = [0; CHUNK];
    while wait_readable(reader, deadline)? {
        let count = match reader.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        rest.extend_from_slice(&chunk[..count]);
        while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
            let whole: Vec<u8> = rest.drain(..=end).collect();
            let whole = printable(&String::from_utf8_lossy(&whole));
            line(whole.trim_end());
            said += &whole;
        }
    }
    said += &printable(&String::from_utf8_lossy(&rest));
    Ok(said)
}

/// Whether there is something to read, or the end, before the deadline.
fn wait_readable(reader: &PipeReader, deadline: Instant) -> io::Result<bool> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left == Duration::ZERO {
            return Ok(false);
        }
        let limit = Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: left.subsec_nanos().into() };
        match poll(&mut [PollFd::new(reader, PollFlags::IN)], Some(&limit)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => {}
            Ok(_) => return Ok(true),
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Exit, exit_of};

    fn follow(script: &str, patience: Duration) -> (Vec<String>, anyhow::Result<(ExitStatus, String)>) {
        let mut lines = Vec::new();
        let program = Program::new("sh").args(["-c", script]);
        let ended = program.follow(&Context::for_tests(), Instant::now() + patience, |line| {
            lines.push(line.to_owned());
        });
        (lines, ended)
    }

    #[test]
    fn lines_of_both_streams_come_in_order() {
        let (lines, ended) = follow("echo one; echo two >&2; printf three; exit 3", Duration::from_mins(1));
        let (status, said) = ended.unwrap();
        assert_eq!((lines.as_slice(), said.as_str()), (&["one".into(), "two".into()][..], "one\ntwo\nthree"));
        assert_eq!(status.code(), Some(3));
    }

    #[test]
    fn one_that_takes_too_long_is_ended() {
        for script in ["exec sleep 600", "exec >&- 2>&-; exec sleep 600"] {
            let (_, ended) = follow(script, Duration::from_millis(50));
            assert_eq!(exit_of(&ended.unwrap_err()), Exit::TimedOut, "{script}");
        }
    }
}
