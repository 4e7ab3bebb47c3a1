//! The daemon's side: one lock, one control socket, one log.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context as _;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::log::Log;
use super::protocol::{Failed, MAX_DRAIN, Misread, PROTOCOL, Ready, Reply, Request, Status, Verb};
use super::starter::Starter;
use super::timed::Timed;
use super::{DRAIN, build, control};
use crate::context::Context;
use crate::failure::Failure;
use crate::lock::Lock;
use crate::state::StateDir;

/// How long somebody may keep our lock who only looks whether it is free.
const LOOK: Duration = Duration::from_secs(1);
/// How often a drain is interrupted to see whether it shall be shorter.
const LISTEN: Duration = Duration::from_millis(20);
/// How long a client of the control socket may take for its request, and then
/// for the reply.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest request in bytes; a table of a thousand hosts has a tenth of it.
const MAX_REQUEST: u64 = 1 << 20;

/// What a daemon does, once it is one.
pub trait Service: Send + Sync + Sized + 'static {
    /// What it is given on standard input.
    type Config: DeserializeOwned;

    /// Starts to serve.
    fn start(cx: &Context, config: Self::Config, log: &Log) -> anyhow::Result<Self>;

    /// What it tells of itself.
    fn status(&self) -> anyhow::Result<Value>;

    /// Does what only this service understands.
    fn handle(&self, verb: Verb) -> anyhow::Result<Value>;

    /// Stops serving; open connections may take until `deadline`.
    fn stop(&self, deadline: Instant);
}

/// How often a daemon looks whether it can still be found.
const FIND: Duration = Duration::from_secs(1);

/// Runs a service as a daemon until it is told to stop.
///
/// The one who started it gets a line: that it serves, or why it does not.
pub fn serve<S: Service>(cx: &Context, name: &str) -> anyhow::Result<()> {
    // Fails for the leader of a process group, which is no daemon's child.
    let _ = rustix::process::setsid();
    let mut starter = Starter::new()?;
    match starter.config().and_then(|config| Running::<S>::start(cx, name, config)) {
        Ok(running) => {
            let status = running.status()?;
            starter.tell(&Ready::Serving(status))?;
            starter.let_go()?;
            running.until_stopped(cx);
            Ok(())
        }
        Err(error) => starter.tell(&Ready::Failed::<Value>(Failed::new(&error))),
    }
}

struct Running<S> {
    shared: Arc<Shared<S>>,
    stop: mpsc::Receiver<Duration>,
    socket: PathBuf,
    lock: Lock,
}

struct Shared<S> {
    service: S,
    log: Log,
    build: String,
    started: SystemTime,
    stop: mpsc::Sender<Duration>,
}

impl<S: Service> Running<S> {
    fn start(cx: &Context, name: &str, config: S::Config) -> anyhow::Result<Self> {
        let state = StateDir::of(cx);
        let lock = state.file(&format!("{name}.lock"));
        let lock = Lock::acquire(&lock, Instant::now() + LOOK, &cx.interrupt, |_| ())
            .with_context(|| Failure::failed(format!("`{name}` runs already")))?;
        lock.sign()?;
        let log = Log::open(&state.file(&format!("{name}.log")))?;
        let socket = state.socket(&format!("{name}.sock"));
        let listener = control::listen(&state, &socket)?;
        let service = S::start(cx, config, &log)?;
        log.event(
            &json!({ "event": "started", "pid": std::process::id(), "version": env!("CARGO_PKG_VERSION") }),
        );
        let (sender, stop) = mpsc::channel();
        let (build, started) = (build::id(), SystemTime::now());
        let shared = Arc::new(Shared { service, log, build, started, stop: sender });
        let control = Arc::clone(&shared);
        thread::Builder::new()
            .name("control".into())
            .spawn(move || control::answer_all(listener.incoming(), move |stream| control.answer(stream)))
            .context("cannot start the control thread")?;
        Ok(Self { shared, stop, socket, lock })
    }

    fn status(&self) -> anyhow::Result<Value> {
        self.shared.status()
    }

    /// Waits for a stop request or a signal, then drains. Another one during
    /// the drain can make it shorter.
    fn until_stopped(self, cx: &Context) {
        let sender = self.shared.stop.clone();
        let mut signals = cx.interrupt.listen();
        thread::spawn(move || signals.blocking_recv().map(|()| sender.send(DRAIN)));
        let drain = self.told_to_stop();
        self.shared.log.event(&json!({ "event": "stopping", "drain_ms": drain.as_millis() }));
        self.drain(Instant::now() + drain);
        self.shared.log.flush();
        // What is left of it is in nobody's way.
        let _ = fs::remove_file(&self.socket);
        // The kernel releases it as the process ends.
        std::mem::forget(self.lock);
    }

    /// Waits for the word to stop, and says how long to drain. Without its lock
    /// file nobody can find this daemon any more, so it ends by itself.
    fn told_to_stop(&self) -> Duration {
        loop {
            match self.stop.recv_timeout(FIND) {
                Err(mpsc::RecvTimeoutError::Timeout) if !self.lock.is_lost() => {}
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    self.shared.log.event(&json!({ "event": "lock_file_gone" }));
                    return DRAIN;
                }
                told => return told.unwrap_or(DRAIN),
            }
        }
    }

    /// Returns when the service has stopped, or when a shorter drain that was
    /// asked for meanwhile is over: what is still open ends with the process.
    fn drain(&self, deadline: Instant) {
        let (sender, drained) = mpsc::channel();
        let shared = Arc::clone(&self.shared);
        thread::spawn(move || {
            shared.service.stop(deadline);
            // Nobody waits for a drain that was cut short.
            let _ = sender.send(());
        });
        let mut shorter: Option<Instant> = None;
        while matches!(drained.recv_timeout(LISTEN), Err(mpsc::RecvTimeoutError::Timeout)) {
            let asked = self.stop.try_iter().map(|drain| Instant::now() + drain);
            shorter = asked.filter(|&asked| asked < deadline).chain(shorter).min();
            if shorter.is_some_and(|shorter| Instant::now() >= shorter) {
                self.shared.log.event(&json!({ "event": "drain_shortened" }));
                break;
            }
        }
    }
}

impl<S: Service> Shared<S> {
    fn status(&self) -> anyhow::Result<Value> {
        let status = Status {
            pid: std::process::id(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            build: self.build.clone(),
            started: humantime::format_rfc3339_seconds(self.started).to_string(),
            service: json!({ "log_lines_lost": self.log.dropped() }),
        };
        let mut status = serde_json::to_value(status).context("cannot write the status")?;
        if let (Value::Object(status), Value::Object(own)) = (&mut status, self.service.status()?) {
            status.extend(own);
        }
        Ok(status)
    }

    /// One request, one reply. A client that is gone needs no answer.
    fn answer(&self, stream: &UnixStream) {
        let answer = self.read_request(stream).and_then(|verb| match verb {
            Verb::Status => self.status(),
            Verb::Stop { drain_ms } => {
                self.stop.send(Duration::from_millis(drain_ms).min(MAX_DRAIN)).context("already stopping")?;
                Ok(Value::Null)
            }
            verb @ Verb::Apply { .. } => self.service.handle(verb),
        });
        let answer = answer.map_err(|error| Failed::new(&error));
        let reply = Reply { protocol: PROTOCOL, version: env!("CARGO_PKG_VERSION").to_owned(), answer };
        if let Ok(mut line) = serde_json::to_vec(&reply) {
            line.push(b'\n');
            let _ = Timed::new(stream, PATIENCE).write_all(&line);
        }
    }

    fn read_request(&self, stream: &UnixStream) -> anyhow::Result<Verb> {
        let mut line = String::new();
        let stream = Timed::new(stream, PATIENCE);
        BufReader::new(stream.take(MAX_REQUEST)).read_line(&mut line).context("cannot read the request")?;
        Request::read(&line).map_err(|misread| match misread {
            Misread::Garbled(error) => anyhow::Error::new(error).context("cannot understand the request"),
            Misread::Foreign(protocol) => {
                self.log.event(&json!({ "event": "foreign_protocol", "protocol": protocol }));
                Failure::failed("the request is of another version").into()
            }
        })
    }
}
