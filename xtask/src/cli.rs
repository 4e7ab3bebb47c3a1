//! The command tree: what can be typed.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches as _, Parser, Subcommand};

use crate::context::Context;
use crate::flags::Global;
use crate::help;
use crate::report::Format;
use crate::targets::{
    bench, completions, daemon, doctor, down, generate, gitea, k8s, kind, lint, list, metallb, profile,
    router, status, tarball, test, up, version,
};

/// The targets by what they are for, in the order in which `--help` and `list`
/// show them.
const GROUPS: &[(&str, &[&str])] = &[
    ("Platform", &["up", "down", "status", "kind", "metallb", "router", "gitea", "tarball", "k8s", "doctor"]),
    ("Settings", &["profile", "gen"]),
    ("Development", &["test", "lint", "bench"]),
    ("This program", &["list", "version", "completions"]),
];

/// Bring up, inspect and tear down the platform around an edge orchestrator.
#[derive(Debug, Parser)]
#[command(
    name = "xtask",
    bin_name = "cargo xtask",
    disable_help_flag = true,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub target: Target,
}

/// Every target.
#[derive(Debug, Subcommand)]
pub enum Target {
    Up(up::Args),
    Down(down::Args),
    Status(status::Args),
    Kind(kind::Args),
    Metallb(metallb::Args),
    Router(router::Args),
    Gitea(gitea::Args),
    Tarball(tarball::Args),
    K8s(k8s::Args),
    Doctor(doctor::Args),
    Profile(profile::Args),
    #[command(name = "gen")]
    Generate(generate::Args),
    Test(test::Args),
    Lint(lint::Args),
    Bench(bench::Args),
    List(list::Args),
    Version(version::Args),
    Completions(completions::Args),
    #[command(hide = true)]
    Daemon(daemon::Args),
}

impl Cli {
    /// Reads the command line.
    pub fn read() -> Result<Self, clap::Error> {
        let command = command();
        let mut cli = Self::from_arg_matches(&command.clone().try_get_matches()?)?;
        cli.global.set = settings_in(std::env::args_os());
        if cli.global.quiet && cli.global.verbose {
            // The parser itself would miss one before and one after the target.
            let mut error = clap::Error::new(ErrorKind::ArgumentConflict).with_cmd(&command);
            error.insert(ContextKind::InvalidArg, ContextValue::String("--quiet".into()));
            error.insert(ContextKind::PriorArg, ContextValue::String("--verbose".into()));
            return Err(error);
        }
        Ok(cli)
    }
}

impl Target {
    /// Runs the target.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        match self {
            Self::Up(args) => args.run(cx),
            Self::Down(args) => args.run(cx),
            Self::Status(args) => args.run(cx),
            Self::Kind(args) => args.run(cx),
            Self::Metallb(args) => args.run(cx),
            Self::Router(args) => args.run(cx),
            Self::Gitea(args) => args.run(cx),
            Self::Tarball(args) => args.run(cx),
            Self::K8s(args) => args.run(cx),
            Self::Doctor(args) => args.run(cx),
            Self::Profile(args) => args.run(cx),
            Self::Generate(args) => args.run(cx),
            Self::Test(args) => args.run(cx),
            Self::Lint(args) => args.run(cx),
            Self::Bench(args) => args.run(cx),
            Self::List(args) => args.run(cx, &command(), GROUPS),
            Self::Version(args) => args.run(cx),
            Self::Completions(args) => args.run(cx, &command()),
            Self::Daemon(args) => args.run(cx),
        }
    }
}

/// The format that a command line asks for which is not understood.
pub fn format_in(args: impl Iterator<Item = OsString>) -> Format {
    let args: Vec<OsString> = args.take_while(|arg| arg != "--").collect();
    let json = args.windows(2).any(|pair| pair == ["--format", "json"])
        || args.iter().any(|arg| arg == "--format=json");
    if json { Format::Json } else { Format::Text }
}

/// The settings in order, of a command line that was understood. Of those
/// before the target the parser itself knows none when there are some after it.
fn settings_in(args: impl Iterator<Item = OsString>) -> Vec<String> {
    let mut args = args.take_while(|arg| arg != "--").map(|arg| arg.to_string_lossy().into_owned());
    let mut settings = Vec::new();
    while let Some(arg) = args.next() {
        if arg == "--set" {
            settings.extend(args.next());
        } else if let Some(setting) = arg.strip_prefix("--set=") {
            settings.push(setting.to_owned());
        }
    }
    settings
}

/// The command tree, with its help laid out for the terminal.
fn command() -> clap::Command {
    help::lay_out(Cli::command(), GROUPS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_count_wherever_they_are() {
        let settings = |line: &str| settings_in(line.split(' ').map(OsString::from));
        assert_eq!(settings("xtask --set a=1 kind --set=b=2 up --set a=3"), ["a=1", "b=2", "a=3"]);
        assert_eq!(settings("xtask kind up"), [""; 0]);
        assert_eq!(settings("xtask --set a=1 test -- --set b=2"), ["a=1"]);
    }

    #[test]
    fn the_tree_is_consistent() {
        command().debug_assert();
    }

    /// There is one form of help, the short one: what is written for the long
    /// form would never be seen.
    #[test]
    fn nothing_is_written_for_the_long_help() {
        fn check(command: &clap::Command) {
            let name = command.get_name();
            assert!(command.get_long_about().is_none(), "`{name}`: more than one paragraph");
            for arg in command.get_arguments() {
                assert!(
                    arg.get_long_help().is_none(),
                    "`{name}` `{}`: more than one paragraph",
                    arg.get_id()
                );
            }
            command.get_subcommands().for_each(check);
        }
        check(&command());
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
