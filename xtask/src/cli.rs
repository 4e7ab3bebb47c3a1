//! The command tree: what can be typed.

use std::time::Duration;

use clap::{ArgAction, Args, CommandFactory, Parser, Subcommand};

use crate::context::Context;
use crate::report::{Color, Format, Verbosity};
use crate::targets::{daemon, down, list, router, status, up, version};

/// The targets by what they are for, in the order in which `--help` and `list`
/// show them.
pub const GROUPS: &[(&str, &[&str])] =
    &[("Platform", &["up", "down", "status", "router"]), ("This program", &["list", "version"])];

/// Bring up, inspect and tear down the platform around an edge orchestrator.
#[derive(Debug, Parser)]
#[command(
    name = "xtask",
    bin_name = "cargo xtask",
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 100
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub target: Target,
}

/// Flags that every target takes.
#[derive(Args, Debug)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Profile to work on [default: the one chosen by `profile use`, else local]
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// Override a key of the profile for this call, e.g. router.bind=eth0
    #[arg(long, global = true, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// How answers are written
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: Format,
    /// Show every command and file that would be run or written, and do neither
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// Give up after this time, e.g. 90s or 5m
    #[arg(long, global = true, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub timeout: Option<Duration>,
    /// Say more
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Say errors only
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Color,
    /// Do not ask before something is removed
    #[arg(long, global = true, action = ArgAction::SetTrue)]
    pub yes: bool,
}

/// Every target.
#[derive(Debug, Subcommand)]
pub enum Target {
    Up(up::Args),
    Down(down::Args),
    Status(status::Args),
    Router(router::Args),
    List(list::Args),
    Version(version::Args),
    #[command(hide = true)]
    Daemon(daemon::Args),
}

impl Global {
    /// How much is said.
    pub fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        }
    }
}

impl Target {
    /// Runs the target.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        match self {
            Self::Up(args) => args.run(cx),
            Self::Down(args) => args.run(cx),
            Self::Status(args) => args.run(cx),
            Self::Router(args) => args.run(cx),
            Self::List(args) => args.run(cx),
            Self::Version(args) => args.run(cx),
            Self::Daemon(args) => args.run(cx),
        }
    }
}

/// The command tree with its targets grouped in the help.
pub fn command() -> clap::Command {
    let command = Cli::command();
    let width = command.get_subcommands().map(|target| target.get_name().len()).max().unwrap_or(0);
    let about = |name: &str| command.find_subcommand(name)?.get_about().map(ToString::to_string);
    let mut targets = String::new();
    for (group, names) in GROUPS {
        targets += &format!("{group}:\n");
        for name in *names {
            targets += &format!("  {name:<width$}  {}\n", about(name).unwrap_or_default());
        }
        targets.push('\n');
    }
    let template = format!("{{about}}\n\n{{usage-heading}} {{usage}}\n\n{targets}{{options}}");
    command.help_template(template)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn every_target_is_in_one_group() {
        let grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| *names).copied().collect();
        let command = command();
        let visible = command.get_subcommands().filter(|target| !target.is_hide_set());
        let mut names: Vec<&str> = visible.map(clap::Command::get_name).collect();
        let mut sorted = grouped.clone();
        sorted.sort_unstable();
        names.sort_unstable();
        assert_eq!(sorted, names);
    }
}
