//! `bench kind-up`: how long `kind up` and `kind down` take, next to kind itself.

mod answer;
mod bare;
mod bed;
mod rounds;

use crate::context::Context;
use crate::platform;
use crate::profile::KindProfile;
use crate::state::StateDir;
use crate::targets::bench::checkout::PROFILE;

use answer::Timings;
use bare::Bare;
use bed::Bed;
use rounds::Rounds;

/// Name of the state directory; no profile's name has a dot.
const STATE: &str = "bench.kind-up";

/// Time `kind up` and `kind down` next to the program kind with the same configuration
#[derive(clap::Args, Debug)]
pub struct Args {
    /// How often everything is measured, 1 to 100 [default: 3, or 1 with --quick]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u8).range(1..=100))]
    rounds: Option<u8>,
    /// Measure once
    #[arg(long)]
    quick: bool,
}

impl Args {
    /// Measures in workspaces of its own, and takes them down again.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let chosen = cx.apart(PROFILE);
        let profile = chosen.profile()?.kind()?;
        let cx = &cx.apart(STATE);
        let rounds = self.rounds.unwrap_or(if self.quick { 1 } else { 3 });
        if cx.dry_run {
            return show(cx, rounds);
        }
        platform::take_turn(cx)?;
        // What runs is taken down before anything is answered.
        let timings = measure(cx, profile, rounds)?;
        cx.reporter.answer("bench kind-up", &timings)
    }
}

fn measure(cx: &Context, profile: &KindProfile, rounds: u8) -> anyhow::Result<Timings> {
    let bed = Bed::make(cx)?;
    let mut measured = Rounds::default();
    for round in 1..=rounds {
        cx.reporter.note(&format!("round {round} of {rounds}"));
        measured.add(&bed)?;
    }
    Ok(Timings {
        rounds,
        kind: bed.bare.version()?,
        node_image: profile.node_image.to_string(),
        measurements: measured.measurements()?,
    })
}

fn show(cx: &Context, rounds: u8) -> anyhow::Result<()> {
    let would = |step: &str| cx.reporter.would(step);
    would("make a cluster with `kind up`, and stop it: the others have its configuration and its network")?;
    let times = if rounds == 1 { "once".to_owned() } else { format!("{rounds} times") };
    let bare = Bare::of(cx);
    would(&format!("run `{}` {times}", bare.creation(false)))?;
    would(&format!("run `{}` {times}", bare.creation(true)))?;
    would(&format!("run `{}` after each of them", bare.deletion()))?;
    would(&format!(
        "run `kind up` {times} where there is no cluster, again, and after its nodes were stopped; then `kind down`"
    ))?;
    would(&format!("remove all of that, and `{}`", StateDir::of(cx).path().display()))
}
