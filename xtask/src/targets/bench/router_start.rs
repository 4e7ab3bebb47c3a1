//! `bench router-start`: how long discovery, a start of the router and a
//! change of an address take, next to what they are made of.

mod answer;
mod api;
mod backend;
mod bed;
mod discovery;
mod engine;
mod start;
mod workspace;

use std::time::Duration;

use crate::context::Context;
use crate::platform;
use crate::state::StateDir;

use answer::Timings;
use bed::Bed;
use discovery::Discovery;
use engine::Engine;
use workspace::{EMBEDDED, TRAEFIK};

/// Name of the state directory; no profile's name has a dot.
const STATE: &str = "bench.router-start";

/// Time discovery, `router start` and a change of an address, with either engine
#[derive(clap::Args, Debug)]
pub struct Args {
    /// How often everything is measured, 1 to 100 [default: 5, or 1 with --quick]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u8).range(1..=100))]
    rounds: Option<u8>,
    /// Measure once, with a latency of 200 ms instead of 2 s
    #[arg(long)]
    quick: bool,
}

/// How much is measured.
#[derive(Clone, Copy)]
struct Plan {
    rounds: u8,
    /// Of the Kubernetes API, while discovery is measured.
    latency: Duration,
}

impl Args {
    /// Measures in a workspace of its own, and takes that down again.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let cx = &cx.apart(STATE);
        let plan = self.plan();
        if cx.dry_run {
            return show(cx, plan);
        }
        platform::take_turn(cx)?;
        // What runs is taken down before anything is answered.
        let timings = Bed::make(cx).and_then(|mut bed| measure(&mut bed, plan));
        // An API that was interrupted fails those who ask it.
        let timings = timings.or_else(|error| cx.interrupt.check().and(Err(error)))?;
        cx.reporter.answer("bench router-start", &timings)
    }

    fn plan(&self) -> Plan {
        let (rounds, latency) =
            if self.quick { (1, Duration::from_millis(200)) } else { (5, Duration::from_secs(2)) };
        Plan { rounds: self.rounds.unwrap_or(rounds), latency }
    }
}

fn measure(bed: &mut Bed, plan: Plan) -> anyhow::Result<Timings> {
    let (mut engines, mut left_out) = (Vec::new(), Vec::new());
    for name in [EMBEDDED, TRAEFIK] {
        match Engine::try_out(bed, name)? {
            Ok(engine) => engines.push(engine),
            Err(lack) => left_out.push(lack),
        }
    }
    let mut discovery = Discovery::default();
    for round in 1..=plan.rounds {
        bed.cx.reporter.note(&format!("round {round} of {}", plan.rounds));
        discovery.round(bed, plan.latency)?;
        engines.iter_mut().try_for_each(|engine| engine.round(bed))?;
    }
    let mut measurements = vec![discovery.measurement()?];
    for engine in engines {
        measurements.extend(engine.measurements()?);
    }
    Ok(Timings { rounds: plan.rounds, latency: plan.latency.as_secs_f64(), measurements, left_out })
}

fn show(cx: &Context, plan: Plan) -> anyhow::Result<()> {
    let state = StateDir::of(cx);
    let would = |step: &str| cx.reporter.would(step);
    would(&format!("run `{}`", api::build(cx)))?;
    would("start a Kubernetes API and the stand-ins of the profile `local` on free ports of 127.0.0.1")?;
    let rounds = plan.rounds;
    would(&format!("look the services up {rounds} times, with a latency of {:?}", plan.latency))?;
    would(&format!("start and stop the router with either engine {rounds} times, and change an address"))?;
    would(&format!("end them all and remove `{}`", state.path().display()))
}
