//! Brings up, inspects and tears down the platform around an edge orchestrator.
//!
//! `main` parses, builds the context, dispatches, renders the error and exits.
//!
//! ```console
//! $ cargo xtask up
//! $ cargo xtask status
//! $ cargo xtask down
//! ```

mod cli;
mod context;
mod daemon;
mod environment;
mod failure;
mod hosts_file;
mod interrupt;
mod lock;
mod near;
mod ports;
mod process;
mod profile;
mod render;
mod replace;
mod report;
mod stage;
mod stand_in;
mod state;
mod targets;

use std::process::ExitCode;

use clap::FromArgMatches as _;

use crate::cli::Cli;
use crate::context::Context;
use crate::environment::Environment;
use crate::failure::exit_of;
use crate::report::Reporter;

fn main() -> ExitCode {
    let parsed = cli::command().try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let environment = Environment::read();
    let global = &cli.global;
    let reporter = Reporter::new(global.format, global.color, global.verbosity(), environment.github_actions);
    let done = Context::new(global, environment, reporter.clone()).and_then(|cx| cli.target.run(&cx));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            reporter.error(&error);
            exit_of(&error).into()
        }
    }
}
