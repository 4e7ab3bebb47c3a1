//! The command line.

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use bench::Plan;
use lexopt::prelude::*;

pub(crate) const USAGE: &str = "\
Usage: bench --names FILE [--rounds N] [--quick] [--idle N]

Measures layer-4 TLS routers on loopback against a direct connection.

  --names FILE    host names to ask for, one a line
  --rounds N      how often the targets take turns, 1 to 100 (default 7)
  --quick         three short rounds, unless --rounds says otherwise
  --idle N        idle connections to divide memory by, 1 to 4000 (default 2000)

Prints first, as one line of JSON, which host belongs to which backend. Then
reads the routers from stdin, one a line as `name=address,pid=number`, and
starts at a line `run`. The report is another line of JSON. Progress goes to
stderr.
";

#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) names: PathBuf,
    pub(crate) plan: Plan,
}

/// Reads the arguments; `None` if help is asked for.
pub(crate) fn parse(mut arguments: lexopt::Parser) -> Result<Option<Options>> {
    let (mut names, mut rounds, mut idle, mut quick) = (None, None, None, false);
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("names") => names = Some(PathBuf::from(arguments.value()?)),
            Long("rounds") => rounds = Some(arguments.value()?.parse()?),
            Long("idle") => idle = Some(arguments.value()?.parse()?),
            Long("quick") => quick = true,
            Short('h') | Long("help") => return Ok(None),
            _ => return Err(argument.unexpected().into()),
        }
    }
    let mut plan = if quick { Plan::quick() } else { Plan::full() };
    if let Some(rounds) = rounds {
        ensure!((1..=100).contains(&rounds), "`--rounds {rounds}` is not from 1 to 100");
        plan = plan.rounds(rounds);
    }
    if let Some(idle) = idle {
        ensure!((1..=4000).contains(&idle), "`--idle {idle}` is not from 1 to 4000");
        plan = plan.idle_connections(idle);
    }
    Ok(Some(Options { names: names.context("`--names` is missing")?, plan }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Option<Options>> {
        parse(lexopt::Parser::from_args(arguments))
    }

    #[test]
    fn reads_options() {
        let options = read(&["--names", "n", "--quick"]).unwrap().unwrap();
        assert_eq!(options.names, PathBuf::from("n"));
        assert!(read(&["--help"]).unwrap().is_none());
    }

    #[test]
    fn refuses_what_makes_no_sense() {
        for bad in [
            &["--quick"][..],
            &["--names", "n", "--rounds", "0"],
            &["--names", "n", "--rounds", "many"],
            &["--names", "n", "--idle", "4001"],
            &["--names", "n", "extra"],
        ] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }
}
