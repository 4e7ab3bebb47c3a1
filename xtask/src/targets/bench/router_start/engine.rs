//! How long one engine takes to start, and to follow a change.

use std::net::{IpAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::ensure;

use super::answer::{LeftOut, Measurement};
use super::backend::ADDRESSES;
use super::bed::Bed;
use super::start;
use crate::failure::Failure;
use crate::process::Program;

/// How often the address changes in a round.
const CHANGES: usize = 4;
/// How long a router may take to serve, or to follow.
const PATIENCE: Duration = Duration::from_secs(30);
/// Time between two connections that look whether it does.
const PAUSE: Duration = Duration::from_millis(2);
/// The most that a start may take, in seconds.
const START: (&str, f64) = ("the most it may take", 3.0);
/// The most that a change may take, in seconds.
const CHANGE: (&str, f64) = ("the most it may take", 1.0);
/// What `mage router:start` takes at least, in seconds: before each of four
/// look-ups, which come one after another, it waits for a whole tick.
const BEFORE: (&str, f64) = ("mage: 4 look-ups x a tick of 4 s", 4.0 * 4.0);

/// What is found out about one engine, in seconds.
pub struct Engine {
    name: &'static str,
    /// How Compose was called; the embedded engine needs none.
    compose_up: Option<String>,
    starts: Vec<f64>,
    bare: Vec<f64>,
    changes: Vec<f64>,
}

impl Engine {
    /// Starts and stops it once, unless something is missing here.
    pub fn try_out(bed: &mut Bed, name: &'static str) -> anyhow::Result<Result<Self, LeftOut>> {
        bed.settle()?;
        let (looked, _) = bed.workspace.timed(name, &["router", "start", "--dry-run"])?;
        if let Some(lack) = start::lack(&looked, name)? {
            return Ok(Err(lack));
        }
        let (said, _) = bed.workspace.timed(name, &["router", "start"])?;
        start::check_all_proven(&said)?;
        bed.workspace.stop(name)?;
        let compose_up = start::compose_up(&said).map(str::to_owned);
        Ok(Ok(Self { name, compose_up, starts: Vec::new(), bare: Vec::new(), changes: Vec::new() }))
    }

    /// Times a start, some changes after it, and Compose without us.
    pub fn round(&mut self, bed: &mut Bed) -> anyhow::Result<()> {
        bed.settle()?;
        let (said, seconds) = bed.workspace.timed(self.name, &["router", "start"])?;
        start::check_all_proven(&said)?;
        self.starts.push(seconds);
        for ip in ADDRESSES.into_iter().cycle().take(CHANGES) {
            self.changes.push(follow(bed, ip.into())?);
        }
        bed.workspace.stop(self.name)?;
        if let Some(command) = &self.compose_up {
            self.bare.push(bring_up(bed, command)?);
            bed.workspace.stop(self.name)?;
        }
        Ok(())
    }

    /// The sum of it.
    pub fn measurements(self) -> anyhow::Result<[Measurement; 2]> {
        let what = "start: all of `router start`, which returns when every route has shaken hands";
        let mut start = Measurement::new("start", Some(self.name), what, self.starts)?;
        if self.compose_up.is_some() {
            start = start.beside("bare compose up, until its ports accept", &self.bare)?;
        }
        let start = start.beside_known(START.0, START.1)?.beside_known(BEFORE.0, BEFORE.1)?;
        let what = "change: from the new address in the cluster to a client's first answer from there";
        let change = Measurement::new("change", Some(self.name), what, self.changes)?;
        Ok([start, change.beside_known(CHANGE.0, CHANGE.1)?])
    }
}

/// Seconds from a change of the Service until a new connection gets there.
fn follow(bed: &mut Bed, ip: IpAddr) -> anyhow::Result<f64> {
    let begin = Instant::now();
    bed.change(ip)?;
    wait(bed, begin, "the router to follow a change", || bed.client.reaches(ip))
}

/// Seconds until the ports accept that Compose alone brings up.
fn bring_up(bed: &Bed, command: &str) -> anyhow::Result<f64> {
    let begin = Instant::now();
    let (succeeded, said) = Program::new("sh").args(["-c", command]).capture(bed.cx)?;
    ensure!(succeeded, "`{command}` failed: {}", said.trim());
    let accepts = || bed.listeners.iter().all(|listener| TcpStream::connect(listener).is_ok());
    wait(bed, begin, "Compose's ports to accept", accepts)
}

fn wait(bed: &Bed, begin: Instant, what: &str, done: impl Fn() -> bool) -> anyhow::Result<f64> {
    loop {
        bed.cx.interrupt.check()?;
        let seconds = begin.elapsed().as_secs_f64();
        if done() {
            return Ok(begin.elapsed().as_secs_f64());
        }
        if seconds > PATIENCE.as_secs_f64() {
            return Err(Failure::timed_out(format!("waited {PATIENCE:?} for {what}")).into());
        }
        thread::sleep(PAUSE);
    }
}
