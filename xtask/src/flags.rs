//! The flags that every target takes.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args};

use crate::report::{Color, Format, Verbosity};

/// Flags that every target takes.
#[derive(Args, Debug)]
#[command(next_help_heading = "Global options")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that can be typed")]
pub struct Global {
    /// Profile to work on [default: `XTASK_PROFILE`, else the one of `profile use`, else local]
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// Override a key of the profile for this call, e.g. router.bind=eth0
    #[arg(long, global = true, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Context of the kubeconfig to use [default: its current one]
    #[arg(long, global = true, value_name = "NAME")]
    pub context: Option<String>,
    /// Kubeconfig to use [default: that of the profile's own cluster, else `KUBECONFIG`, else ~/.kube/config]
    #[arg(long, global = true, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
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
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Say nothing but the answer, and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Color,
    /// Do not ask before something is removed, installed or mended
    #[arg(long, global = true)]
    pub yes: bool,
    /// Show this help
    #[arg(short, long, global = true, action = ArgAction::HelpShort)]
    pub help: Option<bool>,
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

#[cfg(test)]
impl Global {
    /// The flags in these words.
    pub fn of(words: &[&str]) -> Self {
        use clap::FromArgMatches as _;
        let command =
            Self::augment_args(clap::Command::new("xtask").no_binary_name(true).disable_help_flag(true));
        let flags = command.try_get_matches_from(words).and_then(|matches| Self::from_arg_matches(&matches));
        flags.expect("the flags are well-formed")
    }
}
