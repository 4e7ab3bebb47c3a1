//! Asks a daemon over its control socket.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde::de::DeserializeOwned;

use super::Daemon;
use super::protocol::{Failed, PROTOCOL, Reply, Request, Verb};
use super::timed::Timed;
use crate::failure::Failure;
use crate::printable::printable;
#[cfg(target_os = "linux")]
use crate::state::user;

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(5);

impl Daemon {
    /// Asks it for something.
    pub fn call<T: DeserializeOwned>(&self, verb: Verb) -> anyhow::Result<T> {
        let reply = self.exchange(verb)?;
        if reply.protocol != PROTOCOL {
            return Err(Failure::failed(format!(
                "`{}` is of another version: {}, which speaks protocol {}; this program speaks {PROTOCOL}",
                self.name,
                printable(&reply.version),
                reply.protocol
            ))
            .help("run `cargo xtask down`, then `cargo xtask up`; `router restart` replaces the router alone")
            .into());
        }
        let answer = serde_json::from_value(reply.answer.map_err(Failed::into_error)?);
        answer.with_context(|| format!("cannot read the answer of `{}`", self.name))
    }

    /// Sends one request and reads its reply, in whatever protocol.
    pub(super) fn exchange(&self, verb: Verb) -> anyhow::Result<Reply> {
        let socket = self.socket_path();
        let unreachable = || {
            Failure::missing(format!("`{}` runs but does not answer on `{}`", self.name, socket.display()))
                .help("run `cargo xtask down`, then `cargo xtask up`")
        };
        let stream = UnixStream::connect(&socket).with_context(unreachable)?;
        check_peer(&stream).with_context(|| {
            Failure::refused(format!("cannot ask `{}` on `{}`", self.name, socket.display()))
                .help("run as the user who started it")
        })?;
        let mut request =
            serde_json::to_vec(&Request { protocol: PROTOCOL, verb }).context("cannot write the request")?;
        request.push(b'\n');
        Timed::new(&stream, ANSWER).write_all(&request).map_err(name_timeout).with_context(unreachable)?;
        // It has been asked, whatever time is left for its answer.
        let left = self.deadline.instant().map(|limit| limit.saturating_duration_since(Instant::now()));
        let limit = left.filter(|&left| left < ANSWER);
        let mut line = String::new();
        let read = BufReader::new(Timed::new(&stream, limit.unwrap_or(ANSWER))).read_line(&mut line);
        if limit.is_some() && read.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::TimedOut) {
            return Err(Failure::timed_out(format!(
                "the time was up while waiting for an answer of `{}`",
                self.name
            ))
            .help("give it more time with `--timeout`")
            .into());
        }
        read.map_err(name_timeout).with_context(unreachable)?;
        serde_json::from_str(&line).with_context(unreachable)
    }
}

/// Fails when somebody else listens there, whose answers are not to be trusted.
#[cfg(target_os = "linux")]
fn check_peer(stream: &UnixStream) -> anyhow::Result<()> {
    let peer = rustix::net::sockopt::socket_peercred(stream).context("cannot tell who listens")?;
    let uid = peer.uid.as_raw();
    anyhow::ensure!(uid == user(), "it is a process of user {uid}");
    Ok(())
}

/// Elsewhere the folder, which is its owner's alone, is all the protection.
#[cfg(not(target_os = "linux"))]
fn check_peer(_: &UnixStream) -> anyhow::Result<()> {
    Ok(())
}

fn name_timeout(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::TimedOut => io::Error::other(format!("no answer in {} s", ANSWER.as_secs())),
        _ => error,
    }
}
