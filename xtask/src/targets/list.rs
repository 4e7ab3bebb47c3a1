//! `list`: every target with its arguments and one line.

use clap::Command;
use serde::Serialize;

use crate::context::Context;
use crate::report::{Answer, Page, Style};

/// List every target with its arguments
#[derive(clap::Args, Debug)]
pub struct Args {}

#[derive(Serialize)]
struct List {
    targets: Vec<Target>,
}

#[derive(Serialize)]
struct Target {
    name: String,
    group: &'static str,
    about: String,
    arguments: Vec<Argument>,
}

#[derive(Serialize)]
struct Argument {
    usage: String,
    required: bool,
    about: String,
    values: Vec<String>,
}

impl Args {
    /// Prints the list of what the command tree has, in these groups.
    pub fn run(self, cx: &Context, tree: &Command, groups: &[(&'static str, &[&str])]) -> anyhow::Result<()> {
        let mut targets = Vec::new();
        for (group, names) in groups {
            let namespaces = names.iter().filter_map(|name| tree.find_subcommand(name));
            namespaces.for_each(|namespace| collect(namespace, "", group, &mut targets));
        }
        cx.reporter.answer("list", &List { targets })
    }
}

/// Adds `command`, or its sub-commands if it has some.
fn collect(command: &Command, prefix: &str, group: &'static str, targets: &mut Vec<Target>) {
    let name = format!("{prefix}{}", command.get_name());
    if command.has_subcommands() {
        let prefix = format!("{name} ");
        command.get_subcommands().for_each(|verb| collect(verb, &prefix, group, targets));
        return;
    }
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let own = command.get_arguments().filter(|arg| !arg.is_global_set() && !arg.is_hide_set());
    let arguments = own.map(Argument::new).collect();
    targets.push(Target { name, group, about, arguments });
}

impl Argument {
    fn new(arg: &clap::Arg) -> Self {
        let value = || {
            let names = arg.get_value_names().unwrap_or_default().join(" ");
            if names.is_empty() { arg.get_id().to_string().to_uppercase() } else { names.clone() }
        };
        let takes_value = arg.get_action().takes_values();
        let usage = match (arg.get_long(), takes_value) {
            (Some(long), true) => format!("--{long} <{}>", value()),
            (Some(long), false) => format!("--{long}"),
            (None, _) => format!("<{}>", value()),
        };
        let values = if takes_value { arg.get_possible_values() } else { Vec::new() };
        Self {
            usage,
            required: arg.is_required_set(),
            about: arg.get_help().map(ToString::to_string).unwrap_or_default(),
            values: values.iter().map(|value| value.get_name().to_owned()).collect(),
        }
    }
}

impl Target {
    fn usage(&self) -> String {
        let shown = |argument: &Argument| {
            if argument.required { argument.usage.clone() } else { format!("[{}]", argument.usage) }
        };
        let words = std::iter::once(self.name.clone()).chain(self.arguments.iter().map(shown));
        words.collect::<Vec<_>>().join(" ")
    }
}

impl Answer for List {
    fn write(&self, page: &mut Page) {
        for (position, group) in self.targets.chunk_by(|one, other| one.group == other.group).enumerate() {
            if position > 0 {
                page.gap();
            }
            page.styled(Style::Heading, group[0].group);
            for target in group {
                page.folded(Style::Plain, 2, target.usage());
                page.folded(Style::Dim, 6, &target.about);
            }
        }
    }
}
