//! Programs of ours that live on in the background: this side starts, asks and
//! stops them. Each is this same binary in a session of its own.

mod build;
mod client;
mod control;
mod launch;
mod log;
mod protocol;
mod server;
mod starter;
mod timed;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rustix::process::{Pid, Signal};
use serde::de::DeserializeOwned;

pub use log::Log;
pub use protocol::{MAX_DRAIN, Status, Verb};
pub use server::{Service, serve};

use crate::context::{Context, Deadline};
use crate::failure::{Exit, Failure, exit_of};
use crate::interrupt::Interrupt;
use crate::lock::Lock;
use crate::state::StateDir;

/// How long open connections may take after SIGTERM.
const DRAIN: Duration = Duration::from_secs(5);
/// How long a daemon may take to end after SIGTERM or SIGKILL, or beyond the
/// drain that it was asked for: enough for a drain, and to clean up after it.
const END: Duration = DRAIN.saturating_add(Duration::from_secs(2));
/// How long a daemon that answers no more may keep its lock: its process ends.
const LAST: Duration = Duration::from_millis(200);

/// A daemon of one profile of this workspace, running or not.
#[derive(Clone, Debug)]
pub struct Daemon {
    name: String,
    state: StateDir,
    interrupt: Interrupt,
    deadline: Deadline,
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
        Self {
            name: name.to_owned(),
            state: StateDir::of(cx),
            interrupt: cx.interrupt.clone(),
            deadline: cx.deadline,
        }
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
            // It was ending while we asked.
            Err(_) if Lock::wait_free(&self.lock_path(), Instant::now() + LAST, &self.interrupt)? => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// Ends it: politely, giving open connections until `drain` has passed
    /// ([`MAX_DRAIN`] at most); then by SIGTERM, then by SIGKILL.
    pub fn stop(&self, drain: Duration) -> anyhow::Result<Stopped> {
        let lock = self.lock_path();
        let Some(pid) = Lock::holder(&lock)? else {
            self.remove_leftovers();
            return Ok(Stopped::Already);
        };
        let drain = drain.min(MAX_DRAIN);
        let drain_ms = u64::try_from(drain.as_millis()).unwrap_or(u64::MAX);
        // Without time for an answer it has been asked all the same.
        let no_time = |error: anyhow::Error| exit_of(&error) == Exit::TimedOut;
        let asked = self.exchange(Verb::Stop { drain_ms }).map_or_else(no_time, |it| it.answer.is_ok());
        if asked && self.ends_within(pid, drain + END)? {
            return Ok(Stopped::Ended);
        }
        for (signal, stopped) in [(Signal::TERM, Stopped::Ended), (Signal::KILL, Stopped::Killed)] {
            self.signal(pid, signal)?;
            if self.ends_within(pid, END)? {
                return Ok(stopped);
            }
        }
        Err(Failure::failed(format!("`{}` (process {pid}) does not end", self.name)).into())
    }

    /// Waits for its end; false when `patience` was not enough. Fails when the
    /// time of the whole call is up: it may be ending still.
    fn ends_within(&self, pid: u32, patience: Duration) -> anyhow::Result<bool> {
        let enough = Instant::now() + patience;
        let limit = self.deadline.instant().filter(|&limit| limit < enough);
        if Lock::wait_free(&self.lock_path(), limit.unwrap_or(enough), &self.interrupt)? {
            self.remove_leftovers();
            return Ok(true);
        }
        if limit.is_some() {
            let name = &self.name;
            return Err(Failure::timed_out(format!(
                "the time was up while `{name}` (process {pid}) was ending; it runs still"
            ))
            .help("it goes on to end; to wait for that, run the command again with a longer `--timeout`")
            .into());
        }
        Ok(false)
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
