//! `bench seed`: how long `gitea seed` takes, next to what it replaces.

mod answer;
mod archive;
mod bed;
mod disk;
mod fast_import;
mod host;
mod input;
mod measured;
mod memory;
mod random;
mod repository;
mod rounds;
mod server;
mod transport;
mod unpack;
mod way;

use clap::ValueEnum;

use crate::context::Context;
use crate::git::git;
use crate::platform;
use crate::state::StateDir;

use answer::Timings;
use bed::Bed;
use input::Input;
use transport::Transport;
use way::Way;

/// Name of the state directory; no profile's name has a dot.
const STATE: &str = "bench.seed";

/// Time `gitea seed` next to tar and git's own programs
#[derive(clap::Args, Debug)]
pub struct Args {
    /// How often everything is measured, 1 to 100
    #[arg(long, value_name = "COUNT", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=100))]
    rounds: u8,
    /// What is seeded; may be repeated [default: all of them, up to half an hour]
    #[arg(long, value_enum, value_name = "INPUT", conflicts_with = "quick")]
    input: Vec<Input>,
    /// What is pushed over; may be repeated
    #[arg(long, value_enum, value_name = "TRANSPORT", default_values_t = [Transport::Https])]
    over: Vec<Transport>,
    /// Seed emf alone
    #[arg(long)]
    quick: bool,
}

impl Args {
    /// Measures in a workspace of its own, and removes that again.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let chosen = cx.apart(Transport::Path.profile());
        let profile = chosen.profile()?.gitea()?;
        let cx = &cx.apart(STATE);
        let inputs = if self.quick { vec![Input::Emf] } else { each_once(&self.input) };
        let transports = each_once(&self.over);
        if cx.dry_run {
            return self.show(cx, &inputs, &transports);
        }
        platform::take_turn(cx)?;
        let version = git(cx).args(["version"]).read(cx)?.trim().to_owned();
        let bed = Bed::make(cx, profile, &transports)?;
        let timings = inputs.iter().map(|input| rounds::measure(cx, &bed, *input, self.rounds));
        let timings = timings.collect::<anyhow::Result<_>>()?;
        // All is taken away before anything is answered.
        drop(bed);
        cx.reporter.answer("bench seed", &Timings::new(self.rounds, version, timings))
    }

    fn show(&self, cx: &Context, inputs: &[Input], transports: &[Transport]) -> anyhow::Result<()> {
        let would = |step: String| cx.reporter.would(&step);
        if transports.contains(&Transport::Https) {
            would(format!("run `{}`", server::build(cx)))?;
            would("start a server with TLS on a free port of 127.0.0.1".to_owned())?;
        }
        let times = if self.rounds == 1 { "once".to_owned() } else { format!("{} times", self.rounds) };
        for input in inputs {
            would(format!(
                "make two tarballs of `{}`, the second with one file of a hundred changed",
                input.name()
            ))?;
            for over in transports {
                let over = over.name();
                for way in Way::ALL {
                    let what = way.what();
                    would(format!(
                        "seed the first, the second and the second again over {over} {times}: {what}"
                    ))?;
                }
            }
        }
        would(format!("remove `{}`", StateDir::of(cx).path().display()))
    }
}

/// What was chosen, each once and in its own order; all if nothing was.
fn each_once<T: ValueEnum + PartialEq>(chosen: &[T]) -> Vec<T> {
    let is_wanted = |it: &&T| chosen.is_empty() || chosen.contains(it);
    T::value_variants().iter().filter(is_wanted).cloned().collect()
}
