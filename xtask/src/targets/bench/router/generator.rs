//! The load generator: a program of this workspace, built in release mode.
//!
//! It prints the table it wants, is told the routers that serve it, and prints
//! its report; each is a line. What it says on standard error is progress, and
//! at last perhaps an error.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, PipeReader, PipeWriter, Write as _};
use std::net::SocketAddr;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use routing::{Backend, EntryPoint, HostPattern, Route, RoutingTable};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::Contender;
use super::figures::Report;
use crate::context::Context;
use crate::failure::Failure;
use crate::process::{Program, Running};
use crate::report::Reporter;
use crate::state::StateDir;

/// File of the host names, in the state directory.
pub const NAMES: &str = "names";
/// What builds and runs the generator.
const CARGO: &str = "cargo";
/// How long a hundred rounds may take, when `--timeout` says nothing.
const PATIENCE: Duration = Duration::from_hours(1);

/// The running load generator.
pub struct Generator {
    input: PipeWriter,
    lines: Receiver<std::io::Result<String>>,
    /// Ends with the error that the generator ended with, if it did.
    progress: Option<JoinHandle<Option<String>>>,
    _running: Running,
}

/// A host name and its backend, as the generator wants them.
#[derive(Deserialize)]
struct Wanted {
    host: String,
    backend: SocketAddr,
}

/// Builds the generator, so that its start takes no time.
pub fn build(cx: &Context) -> anyhow::Result<()> {
    Program::new(CARGO).args(["build", "--release", "--package", "bench"]).dir(cx.root()).run(cx)
}

/// The generator with its options; Cargo knows where its file is.
pub fn program(cx: &Context, state: &StateDir, options: &[String]) -> Program {
    Program::new(CARGO)
        .args(["run", "--quiet", "--release", "--package", "bench", "--", "--names"])
        .args([state.file(NAMES)])
        .args(options)
        .dir(cx.root())
}

impl Generator {
    /// Starts it, with its backends.
    pub fn start(cx: &Context, state: &StateDir, options: &[String]) -> anyhow::Result<Self> {
        let program = program(cx, state, options);
        cx.reporter.command(&program.to_string());
        let (running, pipes) = program.start_piped(cx)?;
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || BufReader::new(pipes.stdout).lines().try_for_each(|line| sender.send(line)));
        let reporter = cx.reporter.clone();
        let progress = thread::spawn(move || follow(pipes.stderr, &reporter));
        Ok(Self { input: pipes.stdin, lines, progress: Some(progress), _running: running })
    }

    /// The table that its names and backends make: a route for each backend.
    pub fn table(&mut self, cx: &Context) -> anyhow::Result<RoutingTable> {
        let wanted: Vec<Wanted> = self.answer(cx, "its table")?;
        let mut hosts: BTreeMap<SocketAddr, Vec<HostPattern>> = BTreeMap::new();
        for Wanted { host, backend } in wanted {
            hosts.entry(backend).or_default().push(HostPattern::parse(&host)?);
        }
        let route = |(position, (backend, hosts)): (usize, (SocketAddr, Vec<HostPattern>))| {
            let name = format!("backend-{}", position + 1);
            let backend = Some(Backend::new(backend)?);
            anyhow::Ok(Route { name, entry_point: EntryPoint::Https, hosts, priority: 20, backend })
        };
        let routes = hosts.into_iter().enumerate().map(route).collect::<anyhow::Result<_>>()?;
        Ok(RoutingTable::new(routes)?)
    }

    /// Measures the routers and a direct connection.
    pub fn measure(&mut self, cx: &Context, contenders: &[Contender]) -> anyhow::Result<Report> {
        let line = |it: &Contender| format!("{}={},pid={}\n", it.name, it.address, it.pid);
        let input: String = contenders.iter().map(line).chain(["run\n".to_owned()]).collect();
        match self.input.write_all(input.as_bytes()) {
            Ok(()) => self.answer(cx, "its report"),
            Err(_) => Err(self.ended(cx)),
        }
    }

    /// The next line, which is JSON.
    fn answer<T: DeserializeOwned>(&mut self, cx: &Context, what: &str) -> anyhow::Result<T> {
        let patience = cx.deadline.or(PATIENCE).saturating_duration_since(Instant::now());
        let line = match self.lines.recv_timeout(patience) {
            Ok(line) => line.with_context(|| format!("cannot read from the load generator {what}"))?,
            Err(RecvTimeoutError::Timeout) => {
                let message = format!("the time was up while the load generator made {what}");
                return Err(Failure::timed_out(message).help("give it more time with `--timeout`").into());
            }
            Err(RecvTimeoutError::Disconnected) => return Err(self.ended(cx)),
        };
        serde_json::from_str(&line).with_context(|| format!("cannot understand {what}"))
    }

    /// Why it ended without an answer.
    fn ended(&mut self, cx: &Context) -> anyhow::Error {
        if let Err(interrupted) = cx.interrupt.check() {
            return interrupted;
        }
        let said = self.progress.take().and_then(|progress| progress.join().ok().flatten());
        let failure = Failure::failed("the load generator failed");
        match said {
            Some(said) => anyhow::anyhow!(said).context(failure),
            None => failure.into(),
        }
    }
}

/// Shows what the generator says, and returns the error that it ends with.
fn follow(stderr: PipeReader, reporter: &Reporter) -> Option<String> {
    let mut error = None;
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        match line.strip_prefix("error: ") {
            Some(message) => error = Some(message.to_owned()),
            None => reporter.note(&line),
        }
    }
    error
}
