//! A command line that is not understood, as an error in the house's form.

use std::error::Error as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::failure::Failure;

/// What is typed before a target.
const COMMAND: &str = "cargo xtask";

/// What the parser has to say, with exit status 2.
pub fn failure(error: &clap::Error) -> anyhow::Error {
    let failure = Failure::usage(message(error)).help(help(error));
    match error.source() {
        Some(cause) => anyhow::Error::msg(cause.to_string()).context(failure),
        None => failure.into(),
    }
}

fn message(error: &clap::Error) -> String {
    let argument = || words(error, ContextKind::InvalidArg).join("`, `");
    let value = || words(error, ContextKind::InvalidValue).concat();
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let word = words(error, ContextKind::InvalidSubcommand).concat();
            match command(error).strip_prefix("cargo xtask ") {
                Some(namespace) => format!("`{namespace}` has no verb `{word}`"),
                None => format!("there is no target `{word}`"),
            }
        }
        ErrorKind::UnknownArgument => format!("`{}` takes no argument `{}`", command(error), argument()),
        ErrorKind::InvalidValue if value().is_empty() => format!("`{}` needs a value", argument()),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            format!("`{}` is no value for `{}`", value(), argument())
        }
        ErrorKind::ArgumentConflict => match words(error, ContextKind::PriorArg) {
            prior if prior.concat() == argument() => format!("`{}` is given more than once", argument()),
            prior => format!("`{}` cannot be used with `{}`", argument(), prior.join("`, `")),
        },
        ErrorKind::MissingRequiredArgument => format!("`{}` needs `{}`", command(error), argument()),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let command = command(error);
            let missing = if command == COMMAND { "target" } else { "verb" };
            format!("`{command}` needs a {missing}")
        }
        // Rare ones, such as an argument that is no UTF-8, in the parser's words.
        _ => {
            let text = error.to_string();
            text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
        }
    }
}

fn help(error: &clap::Error) -> String {
    let suggestions =
        [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    let near: Vec<String> = suggestions.iter().flat_map(|kind| words(error, *kind)).collect();
    let valid = words(error, ContextKind::ValidValue);
    let page = match error.kind() {
        // Of these the parser does not say which command has them.
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => "the same command with `--help`".to_owned(),
        _ => format!("`{} --help`", command(error)),
    };
    match (near.as_slice(), valid.as_slice()) {
        ([], []) => format!("see {page}"),
        ([], valid) => format!("give one of: {}", valid.join(", ")),
        (near, _) => format!("did you mean `{}`? see {page}", near.join("` or `")),
    }
}

/// The command whose arguments are wrong, as far as the parser says so.
fn command(error: &clap::Error) -> String {
    // Where the parser shows help, its usage is there alone.
    let text = error.get(ContextKind::Usage).map_or_else(|| error.to_string(), ToString::to_string);
    let usage = text.lines().find_map(|line| line.strip_prefix("Usage: ")).unwrap_or_default();
    let words = usage.split_whitespace();
    let command = words.take_while(|word| !word.starts_with(['[', '<', '-'])).collect::<Vec<_>>().join(" ");
    if command.is_empty() { COMMAND.to_owned() } else { command }
}

fn words(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(word)) => vec![word.clone()],
        Some(ContextValue::Strings(words)) => words.clone(),
        _ => Vec::new(),
    }
}
