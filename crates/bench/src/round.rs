//! The targets take turns.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::backend::Backends;
use crate::measure::{Window, connections, idle, round_trip, throughput};
use crate::report::{Figures, Report};
use crate::route::Route;
use crate::target::Target;

/// How long a router may take until it serves every route.
const START: Duration = Duration::from_secs(20);

/// How much is measured.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(crate) rounds: usize,
    pub(crate) idle_connections: usize,
    pub(crate) window: Window,
}

impl Plan {
    /// Seven rounds: about 25 seconds for each target.
    pub fn full() -> Self {
        let window = Window { warm_up: Duration::from_millis(150), length: Duration::from_millis(600) };
        Self { rounds: 7, idle_connections: 2000, window }
    }

    /// Three short rounds: about 5 seconds for each target.
    pub fn quick() -> Self {
        let window = Window { warm_up: Duration::from_millis(50), length: Duration::from_millis(200) };
        Self { rounds: 3, window, ..Self::full() }
    }

    /// Sets the number of rounds.
    #[must_use]
    pub fn rounds(self, rounds: usize) -> Self {
        Self { rounds, ..self }
    }

    /// Sets how many idle connections memory is divided by. Each takes two file
    /// descriptors of this process and two of the router.
    #[must_use]
    pub fn idle_connections(self, idle_connections: usize) -> Self {
        Self { idle_connections, ..self }
    }

    /// File descriptors that idle connections take in this process.
    pub fn open_files(&self) -> u64 {
        2 * self.idle_connections as u64
    }
}

/// Measures all targets; the first has to be [`Target::direct`].
///
/// Memory comes first, while next to nothing has been through the routers. Then in each
/// round each measurement visits all targets before the next begins, and each
/// round starts with another target. `progress` is told what begins.
///
/// # Errors
/// A connection that fails, is cut or reaches the wrong backend ends the run: a
/// router that loses connections has no figures.
pub fn run(
    targets: &[Target],
    routes: &[Route],
    backends: &Backends,
    plan: &Plan,
    mut progress: impl FnMut(&str),
) -> Result<Report> {
    ensure!(targets.first() == Some(&Target::direct()), "the first target has to be the direct connection");
    ensure!(plan.rounds > 0 && plan.idle_connections > 0, "there is nothing to measure");
    let mut memory = Vec::new();
    for target in targets {
        progress(&format!("memory of {}", target.name));
        target.await_routes(routes, START)?;
        backends.wait_until_quiet()?;
        memory.push(idle::memory(target, routes, backends, plan.idle_connections)?);
    }
    let mut rounds = Vec::new();
    for round in 0..plan.rounds {
        progress(&format!("round {} of {}", round + 1, plan.rounds));
        rounds.push(Turns { targets, first: round, backends }.round(routes, plan.window)?);
    }
    Report::new(targets, plan, &rounds, memory)
}

/// The order in which one round visits the targets.
struct Turns<'a> {
    targets: &'a [Target],
    first: usize,
    backends: &'a Backends,
}

impl Turns<'_> {
    /// One round: the figures of each target.
    fn round(&self, routes: &[Route], window: Window) -> Result<Vec<Figures>> {
        let connections = self.each(|target| connections::per_second(target, routes, window))?;
        let trips = self.each(|target| round_trip::percentiles(target, routes, window))?;
        let down = self.each(|target| throughput::down(target, routes, window))?;
        let up = self.each(|target| throughput::up(target, routes, self.backends, window))?;
        let figures = connections.into_iter().zip(trips).zip(down.into_iter().zip(up));
        Ok(figures
            .map(|((connections, trip), (down, up))| Figures {
                connections_per_second: connections,
                round_trip_p50_us: trip.p50.as_secs_f64() * 1e6,
                round_trip_p99_us: trip.p99.as_secs_f64() * 1e6,
                down_bytes_per_second: down,
                up_bytes_per_second: up,
            })
            .collect())
    }

    /// Measures each target, and returns the results in the order of targets.
    fn each<T>(&self, measure: impl Fn(&Target) -> Result<T>) -> Result<Vec<T>> {
        let mut results: Vec<(usize, T)> = Vec::new();
        for turn in 0..self.targets.len() {
            let index = (self.first + turn) % self.targets.len();
            let target = &self.targets[index];
            results.push((index, measure(target)?));
            self.backends.wait_until_quiet().with_context(|| format!("after measuring `{}`", target.name))?;
        }
        results.sort_by_key(|(index, _)| *index);
        Ok(results.into_iter().map(|(_, result)| result).collect())
    }
}
