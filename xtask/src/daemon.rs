//! Programs of ours that live on in the background: this side starts, asks and
//! stops them. Each is this same binary in a session of its own.

mod launch;
mod log;
mod protocol;
mod server;
mod starter;

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rustix::process::{Pid, Signal};
use serde::de::DeserializeOwned;

pub use log::Log;
pub use protocol::{PROTOCOL, Reply, Request, Status, Verb};
pub use server::{Service, serve};

use crate::context::Context;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::lock::Lock;
use crate::state::StateDir;

/// How long an answer on the control socket may take.
const ANSWER: Duration = Duration::from_secs(5);
/// How long a daemon may take to end after SIGTERM or SIGKILL.
const END: Duration = Duration::from_secs(5);

/// A daemon of one profile of this workspace, running or not.
#[derive(Clone, Debug)]
pub struct Daemon {
    name: String,
    state: StateDir,
    interrupt: Interrupt,
}

/// How [`Daemon::stop`] ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stopped {
    /// It was not running.
    Already,
    /// It ended by itself, when asked to.
    #[serde(rename = "stopped")]
    Ended,
    /// It did not answer and was killed.
    Killed,
}

impl Daemon {
    /// The daemon `name` of the chosen profile.
    pub fn new(cx: &Context, name: &str) -> Self {
        Self { name: name.to_owned(), state: StateDir::of(cx), interrupt: cx.interrupt.clone() }
    }

    /// The process, if it runs.
    pub fn pid(&self) -> anyhow::Result<Option<u32>> {
        Lock::holder(&self.lock_path())
    }

    /// Where it writes its log.
    pub fn log_path(&self) -> PathBuf {
        self.state.file(&format!("{}.log", self.name))
    }

    /// Its status; `None` when it does not run.
    pub fn status<T: DeserializeOwned>(&self) -> anyhow::Result<Option<Status<T>>> {
        if self.pid()?.is_none() {
            return Ok(None);
        }
        match self.call(Verb::Status) {
            // It ended while we asked.
            Err(_) if self.pid()?.is_none() => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// Asks it for something.
    pub fn call<T: DeserializeOwned>(&self, verb: Verb) -> anyhow::Result<T> {
        let (value, _) = self.exchange(verb)?;
        let answer = serde_json::from_value(value);
        answer.with_context(|| format!("cannot read the answer of `{}`", self.name))
    }

    /// Ends it: politely, giving open connections until `drain` has passed;
    /// then by SIGTERM, then by SIGKILL.
    pub fn stop(&self, drain: Duration) -> anyhow::Result<Stopped> {
        let lock = self.lock_path();
        let Some(pid) = Lock::holder(&lock)? else {
            self.remove_leftovers();
            return Ok(Stopped::Already);
        };
        let drain_ms = u64::try_from(drain.as_millis()).unwrap_or(u64::MAX);
        let asked = self.exchange(Verb::Stop { drain_ms }).is_ok();
        let patience = if asked { drain + END } else { Duration::ZERO };
        let mut stopped = Stopped::Ended;
        if !Lock::wait_free(&lock, Instant::now() + patience, &self.interrupt)? {
            for signal in [Signal::TERM, Signal::KILL] {
                if signal == Signal::KILL {
                    stopped = Stopped::Killed;
                }
                self.signal(pid, signal)?;
                if Lock::wait_free(&lock, Instant::now() + END, &self.interrupt)? {
                    break;
                }
            }
        }
        if Lock::holder(&lock)?.is_some() {
            return Err(Failure::failed(format!("`{}` (process {pid}) does not end", self.name)).into());
        }
        self.remove_leftovers();
        Ok(stopped)
    }

    /// The lock is held, so the process that wrote its id there is alive.
    fn signal(&self, pid: u32, signal: Signal) -> anyhow::Result<()> {
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
        let pid = pid.with_context(|| format!("`{}` holds its lock but names no process", self.name))?;
        match rustix::process::kill_process(pid, signal) {
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(error) => Err(error).with_context(|| {
                Failure::refused(format!("cannot end `{}` (process {})", self.name, pid.as_raw_nonzero()))
                    .help("it was started by another user: stop it as that user")
            }),
        }
    }

    /// Sends one request and reads its answer; the stream stays open with it.
    fn exchange(&self, verb: Verb) -> anyhow::Result<(serde_json::Value, UnixStream)> {
        let socket = self.socket_path();
        let unreachable = || {
            Failure::missing(format!("`{}` runs but does not answer on `{}`", self.name, socket.display()))
                .help("run `cargo xtask down`, then `cargo xtask up`")
        };
        let stream = UnixStream::connect(&socket).with_context(unreachable)?;
        stream.set_read_timeout(Some(ANSWER)).with_context(unreachable)?;
        stream.set_write_timeout(Some(ANSWER)).with_context(unreachable)?;
        let mut request =
            serde_json::to_vec(&Request { protocol: PROTOCOL, verb }).context("cannot write the request")?;
        request.push(b'\n');
        (&stream).write_all(&request).with_context(unreachable)?;
        let mut line = String::new();
        let read = BufReader::new(&stream).read_line(&mut line);
        read.map_err(name_timeout).with_context(unreachable)?;
        let reply: Reply = serde_json::from_str(&line).with_context(unreachable)?;
        if reply.protocol != PROTOCOL {
            return Err(Failure::failed(format!(
                "`{}` is of another version: {}, which speaks protocol {}; this program speaks {PROTOCOL}",
                self.name, reply.version, reply.protocol
            ))
            .help("run `cargo xtask down`, then `cargo xtask up`; `router restart` replaces the router alone")
            .into());
        }
        let value = reply.answer.map_err(protocol::Failed::into_error)?;
        Ok((value, stream))
    }

    /// What a daemon that was killed could not remove.
    fn remove_leftovers(&self) {
        // Absent is what is wanted; anything else shows when it is made again.
        let _ = std::fs::remove_file(self.socket_path());
        let _ = std::fs::remove_file(self.lock_path());
    }

    fn lock_path(&self) -> PathBuf {
        self.state.file(&format!("{}.lock", self.name))
    }

    fn socket_path(&self) -> PathBuf {
        self.state.socket(&format!("{}.sock", self.name))
    }
}

/// The system calls a read that took too long "temporarily unavailable".
fn name_timeout(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock => io::Error::other(format!("no answer in {} s", ANSWER.as_secs())),
        _ => error,
    }
}

/// The names of all daemons of the profile that run.
pub fn running(cx: &Context) -> anyhow::Result<Vec<String>> {
    let state = StateDir::of(cx);
    let Ok(entries) = std::fs::read_dir(state.path()) else { return Ok(Vec::new()) };
    let mut names = Vec::new();
    for entry in entries {
        let path = entry.context("cannot list the state directory")?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        if let Some(name) = stem.filter(|_| path.extension().is_some_and(|end| end == "lock"))
            && Lock::holder(&path)?.is_some()
        {
            names.push(name.to_owned());
        }
    }
    names.sort_unstable();
    Ok(names)
}
