//! `completions`: a script that completes `cargo xtask` in a shell.

use std::fmt::Write as _;

use anyhow::Context as _;
use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, ValueEnum};

use crate::context::Context;
use crate::profile::Profile;

/// Print the completion script of a shell
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl Args {
    /// Prints the script for the command tree.
    pub fn run(self, cx: &Context, tree: &Command) -> anyhow::Result<()> {
        let mut command = with_profiles(visible(tree), &Profile::names(cx.root())?);
        let mut script = Vec::new();
        let shell = match self.shell {
            Shell::Bash => clap_complete::Shell::Bash,
            Shell::Zsh => clap_complete::Shell::Zsh,
            Shell::Fish => clap_complete::Shell::Fish,
        };
        clap_complete::generate(shell, &mut command, "xtask", &mut script);
        let mut script = String::from_utf8(script).context("the completion script is not UTF-8")?;
        script.insert_str(0, self.shell.after_cargo());
        if matches!(self.shell, Shell::Fish) {
            script += include_str!("completions/end.fish");
            script += &fish_positionals(&command);
        }
        cx.reporter.stdout(&script)
    }
}

impl Shell {
    /// What hooks the completion of `xtask` into that of `cargo`.
    fn after_cargo(self) -> &'static str {
        match self {
            Self::Bash => include_str!("completions/cargo.bash"),
            Self::Zsh => include_str!("completions/cargo.zsh"),
            Self::Fish => include_str!("completions/cargo.fish"),
        }
    }
}

/// The command tree without hidden targets, which the generators would offer.
fn visible(command: &Command) -> Command {
    let targets = command.get_subcommands().filter(|target| !target.is_hide_set());
    Command::new("xtask")
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .args(command.get_arguments())
        .subcommands(targets)
}

/// `--profile` and `profile use` take the names of the profiles.
fn with_profiles(command: Command, names: &[String]) -> Command {
    let known = |arg: Arg| arg.value_parser(PossibleValuesParser::new(names.to_vec()));
    command.mut_arg("profile", known).mut_subcommand("profile", |profile| {
        profile.mut_subcommand("use", |verb| verb.mut_arg("name", known))
    })
}

/// The values of positional arguments, which the generator for fish leaves out.
fn fish_positionals(command: &Command) -> String {
    let mut lines = String::new();
    for namespace in command.get_subcommands() {
        let name = namespace.get_name();
        let mut add = |command: &Command, condition: String| {
            for arg in command.get_positionals() {
                let values = arg.get_possible_values();
                let values: Vec<&str> = values.iter().map(clap::builder::PossibleValue::get_name).collect();
                if !values.is_empty() {
                    let values = values.join(" ");
                    let _ = writeln!(lines, "complete -c xtask -n '{condition}' -f -a '{values}'");
                }
            }
        };
        let namespace_is_given = format!("__fish_xtask_using_subcommand {name}");
        add(namespace, namespace_is_given.clone());
        for verb in namespace.get_subcommands() {
            let verb_is_given = format!("__fish_seen_subcommand_from {}", verb.get_name());
            add(verb, format!("{namespace_is_given}; and {verb_is_given}"));
        }
    }
    lines
}
