//! Programs that live on without us.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::Program;
use crate::context::Context;
use crate::failure::Failure;
use crate::interrupt::Ending;

impl Program {
    /// Starts it so that it lives on without us (it is expected to leave our
    /// session). Its standard output is a socket: `input` is sent there, and what
    /// it says until it closes that, or ends, is returned. Its standard input is
    /// `held`; its errors are added to the file `log`.
    pub fn start_detached(
        &self,
        cx: &Context,
        held: Option<File>,
        input: &[u8],
        log: &Path,
        deadline: Instant,
    ) -> anyhow::Result<String> {
        cx.interrupt.check()?;
        let log = open_log(log)?;
        let (socket, theirs) = UnixStream::pair().context("cannot make a pair of sockets")?;
        let mut command = std::process::Command::new(&self.path);
        command.args(&self.args);
        for (name, value) in self.environment() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.stdin(held.map_or_else(Stdio::null, Stdio::from)).stdout(OwnedFd::from(theirs));
        command.stderr(log).current_dir("/");
        let mut child = command.spawn().map_err(|error| self.cannot_start(error))?;
        // Its end of the socket is in there; while we have it we see no end.
        drop(command);
        let _group = cx.interrupt.watch_group(child.id(), Ending::Signal);
        let answer = exchange(&socket, input, deadline);
        if answer.is_err() {
            // It may be past all listening. It can have ended, too.
            let _ = child.kill();
            let _ = child.wait();
        }
        cx.interrupt.check()?;
        answer.with_context(|| Failure::timed_out(format!("`{self}` did not serve in time")))
    }
}

/// Opens a log to be added to.
pub(super) fn open_log(log: &Path) -> anyhow::Result<File> {
    let opened = OpenOptions::new().create(true).append(true).mode(0o600).open(log);
    opened.with_context(|| {
        Failure::missing(format!("cannot write the log `{}`", log.display()))
            .help("see that it is a file, that its folder is writable and that its disk is not full")
    })
}

/// Sends `input` and returns what comes back.
pub(super) fn exchange(mut socket: &UnixStream, input: &[u8], deadline: Instant) -> io::Result<String> {
    let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
    socket.set_write_timeout(Some(left))?;
    socket.set_read_timeout(Some(left))?;
    let mut answer = String::new();
    let sent = socket.write_all(input).and_then(|()| socket.shutdown(Shutdown::Write));
    match sent.and_then(|()| socket.read_to_string(&mut answer)) {
        Ok(_) => Ok(answer),
        // It ended before it had read everything.
        Err(error) if [io::ErrorKind::BrokenPipe, io::ErrorKind::ConnectionReset].contains(&error.kind()) => {
            Ok(answer)
        }
        Err(error) => Err(error),
    }
}
