//! Starts the backends, is told the routers, measures, reports.
#![expect(clippy::disallowed_methods, reason = "a program of its own: standard output is how it reports")]

mod options;

use std::fs;
use std::io::{self, BufRead, Write};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail, ensure};
use bench::{Backends, Route, Target};
use rustix::process::{Resource, Signal, getrlimit, set_parent_process_death_signal, setrlimit};
use serde::Serialize;

use options::{Options, USAGE};

/// As many as a platform has: Argo CD, orchestrator, boots, Git.
const BACKENDS: u8 = 4;
/// File descriptors for things other than idle connections.
const SPARE_FILES: u64 = 200;

fn main() -> ExitCode {
    let Err(error) = start() else { return ExitCode::SUCCESS };
    // Without stderr there is nobody to tell.
    _ = writeln!(io::stderr(), "error: {error:#}");
    ExitCode::FAILURE
}

fn start() -> Result<()> {
    let Some(options) = options::parse(lexopt::Parser::from_env())? else {
        return Ok(io::stdout().write_all(USAGE.as_bytes())?);
    };
    // Without its caller there is nobody to report to.
    set_parent_process_death_signal(Some(Signal::TERM))?;
    allow_open_files(options.plan.open_files() + SPARE_FILES)?;
    measure(&options)
}

fn measure(options: &Options) -> Result<()> {
    let path = options.names.display();
    let names = fs::read_to_string(&options.names).with_context(|| format!("cannot read `{path}`"))?;
    let names: Vec<&str> = names.lines().map(str::trim).filter(|name| !name.is_empty()).collect();
    let backends = Backends::listen(BACKENDS)?;
    let routes = Route::spread(&names, &backends).with_context(|| format!("in `{path}`"))?;
    print_json(&routes)?;

    let targets = read_targets(io::stdin().lock())?;
    let report = bench::run(&targets, &routes, &backends, &options.plan, |step| {
        // Progress that cannot be shown is not worth a failure.
        _ = writeln!(io::stderr(), "{step}");
    })?;
    print_json(&report)
}

fn print_json(value: &impl Serialize) -> Result<()> {
    let mut line = serde_json::to_string(value)?;
    line.push('\n');
    let mut stdout = io::stdout();
    stdout.write_all(line.as_bytes())?;
    Ok(stdout.flush()?)
}

/// Reads routers up to a line `run`. A caller that goes away before it wants
/// nothing measured.
fn read_targets(input: impl BufRead) -> Result<Vec<Target>> {
    let mut targets = vec![Target::direct()];
    for line in input.lines() {
        match line?.trim() {
            "" => {}
            "run" => return Ok(targets),
            target => targets.push(target.parse()?),
        }
    }
    bail!("input ended before a line `run`")
}

/// Raises the soft limit of open files to `wanted`, if it is lower.
fn allow_open_files(wanted: u64) -> Result<()> {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < wanted) {
        let most = limit.maximum.unwrap_or(wanted);
        ensure!(
            most >= wanted,
            "{wanted} open files are needed, and the limit is {most}; lower `--idle`, or raise `ulimit -Hn`"
        );
        limit.current = Some(wanted);
        setrlimit(Resource::Nofile, limit)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_targets_up_to_run() {
        let targets =
            read_targets(&b"a=127.0.0.1:1\n\n b=127.0.0.1:2,pid=3\nrun\nc=127.0.0.1:3\n"[..]).unwrap();
        let names: Vec<&str> = targets.iter().map(|target| target.name.as_str()).collect();
        assert_eq!(names, ["direct", "a", "b"]);
        assert!(read_targets(&b"a=127.0.0.1:1\n"[..]).is_err());
        assert!(read_targets(&b"what\nrun\n"[..]).is_err());
    }
}
