//! `bench router`: the embedded router, other routers and a direct connection,
//! in turns on loopback, with one table.

mod answer;
mod figures;
mod generator;
mod own;
mod rival;

use std::net::SocketAddr;

use routing::HostPattern;

use crate::context::Context;
use crate::platform;
use crate::profile::Profile;
use crate::replace::replace_private;
use crate::state::StateDir;

use answer::Comparison;
use generator::Generator;
use rival::{Found, LeftOut};

/// Name of the state directory; no profile's name has a dot.
const STATE: &str = "bench.router";

/// Compare the embedded router with HAProxy, nginx and Traefik
#[derive(clap::Args, Debug)]
pub struct Args {
    /// How often the routers take turns, 1 to 100 [default: 7, or 3 with --quick]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u8).range(1..=100))]
    rounds: Option<u8>,
    /// Measure for half a minute instead of some minutes
    #[arg(long)]
    quick: bool,
}

/// A router that runs with the table.
struct Contender {
    name: &'static str,
    address: SocketAddr,
    pid: u32,
}

impl Args {
    /// Starts the routers that are there, measures, and takes them down again.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let hosts = hosts(cx.profile()?);
        let (found, left_out) = rival::find(cx);
        let cx = &cx.apart(STATE);
        let state = StateDir::of(cx);
        if cx.dry_run {
            return self.plan(cx, &state, &found, &left_out);
        }
        platform::take_turn(cx)?;
        own::stop_leftover(cx)?;
        state.remove()?;
        state.create()?;
        let compared = self.compare(cx, &state, &hosts, found, left_out);
        if compared.is_err() && !cx.interrupt.requested() {
            cx.reporter.note(&format!("the logs of the routers are in `{}`", state.path().display()));
        } else {
            state.remove()?;
        }
        cx.reporter.answer("bench router", &compared?)
    }

    fn compare(
        &self,
        cx: &Context,
        state: &StateDir,
        hosts: &[String],
        found: Vec<Found>,
        mut left_out: Vec<LeftOut>,
    ) -> anyhow::Result<Comparison> {
        generator::build(cx)?;
        replace_private(&state.file(generator::NAMES), hosts.join("\n").as_bytes())?;
        // Dropped after the generator, so that no router has connections to end.
        let mut running = Vec::new();
        let mut generator = Generator::start(cx, state, &self.options())?;
        let table = generator.table(cx)?;
        let (own, process) = own::start(cx, &table)?;
        let mut contenders = vec![own];
        running.push(process);
        for rival in found {
            match rival.start(cx, state, &table)? {
                Ok((contender, process)) => {
                    contenders.push(contender);
                    running.push(process);
                }
                Err(absent) => left_out.push(absent),
            }
        }
        let report = generator.measure(cx, &contenders)?;
        Ok(Comparison { hosts: hosts.len(), report, left_out })
    }

    fn plan(
        &self,
        cx: &Context,
        state: &StateDir,
        found: &[Found],
        left_out: &[LeftOut],
    ) -> anyhow::Result<()> {
        generator::build(cx)?;
        cx.reporter.would(&format!("run `{}`", generator::program(cx, state, &self.options())))?;
        cx.reporter.would("start this program's own router on a free port of 127.0.0.1")?;
        found.iter().try_for_each(|rival| rival.plan(cx, state))?;
        left_out.iter().try_for_each(|it| cx.reporter.would(&format!("leave out {it}")))?;
        cx.reporter.would(&format!("end them all and remove `{}`", state.path().display()))
    }

    /// Options of the load generator.
    fn options(&self) -> Vec<String> {
        let rounds = self.rounds.map(|rounds| format!("--rounds={rounds}"));
        rounds.into_iter().chain(self.quick.then(|| "--quick".to_owned())).collect()
    }
}

/// The names that an orchestrator serves, and Argo CD's.
fn hosts(profile: &Profile) -> Vec<String> {
    let name = |host: &HostPattern| match host {
        HostPattern::Exact(name) => Some(name.to_string()),
        HostPattern::Wildcard(_) | HostPattern::Any => None,
    };
    let mut hosts: Vec<String> = profile.listed_hosts().iter().filter_map(name).collect();
    let argo = format!("argo.{}", profile.domain);
    if !hosts.contains(&argo) {
        hosts.push(argo);
    }
    hosts
}
