//! Brings up, inspects and tears down the platform around an edge orchestrator.
//!
//! `main` parses, builds the context, dispatches, renders the error and exits.
//!
//! ```console
//! $ cargo xtask up
//! $ cargo xtask status
//! $ cargo xtask down
//! ```
#![expect(unreachable_pub, reason = "`pub` marks what a module offers to the others")]

mod age;
mod awaited;
mod check;
mod cli;
mod context;
mod daemon;
mod discovery;
mod docker;
mod doctor;
mod engine;
mod entrance;
mod environment;
mod failure;
mod flags;
mod forge;
mod git;
mod gitea;
mod help;
mod hosts_file;
mod https;
mod interrupt;
mod kind;
mod kubeconfig;
mod launch;
mod lock;
mod metallb;
mod near;
mod not_found;
mod ownership;
mod package;
mod part;
mod platform;
mod ports;
mod printable;
mod probe;
mod process;
mod profile;
mod registry;
mod release;
mod render;
mod replace;
mod report;
mod samples;
mod sandbox;
mod seeding;
mod stage;
mod stand_in;
mod state;
mod suite;
mod tarball;
mod targets;
mod testbed;
mod usage;
mod watch;

use std::process::ExitCode;

use clap::error::ErrorKind;

use crate::cli::Cli;
use crate::context::Context;
use crate::environment::Environment;
use crate::failure::{Exit, exit_of};
use crate::report::{Color, Format, Reporter, Verbosity};

fn main() -> ExitCode {
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(error) => return unparsed(&error),
    };
    let environment = Environment::read();
    let global = &cli.global;
    let reporter = Reporter::new(global.format, global.color, global.verbosity(), environment.github_actions);
    let done = Context::new(global, environment, reporter.clone()).and_then(|cx| cli.target.run(&cx));
    exit_code(&reporter, done)
}

/// Shows help, or says what is wrong with the command line.
fn unparsed(error: &clap::Error) -> ExitCode {
    let format = cli::format_in(std::env::args_os());
    let reporter = Reporter::new(format, Color::Auto, Verbosity::Normal, false);
    let help = || error.render().ansi().to_string().trim_end().to_owned();
    let shown = match error.kind() {
        ErrorKind::DisplayHelp => reporter.stdout(&format!("{}\n", help())),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand if format == Format::Text => {
            reporter.unasked(&help());
            return Exit::Usage.into();
        }
        _ => Err(usage::failure(error)),
    };
    exit_code(&reporter, shown)
}

fn exit_code(reporter: &Reporter, done: anyhow::Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            reporter.error(&error);
            exit_of(&error).into()
        }
    }
}
