//! The help page: targets in groups, options in short form.

use std::fmt::Write as _;

use clap::Command;

use crate::report::{fold, terminal_width};

/// Columns beyond which lines are hard to read.
const WIDEST: usize = 100;

/// Columns below which a description goes under its target's name.
const NARROWEST: usize = 24;

/// Lays out the help of the whole tree for the terminal, with the targets of
/// the top level in `groups`.
pub fn lay_out(command: Command, groups: &[(&str, &[&str])]) -> Command {
    let width = terminal_width().unwrap_or(WIDEST).min(WIDEST);
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let about = fold(&about, width).join("\n");
    let targets = targets(&command, groups, width);
    let header = command.get_styles().get_header();
    let template = format!(
        "{about}\n\n{{usage-heading}} {{usage}}\n\n{targets}{header}Global options:{header:#}\n{{options}}"
    );
    command.term_width(width).help_template(template)
}

fn targets(command: &Command, groups: &[(&str, &[&str])], width: usize) -> String {
    let header = command.get_styles().get_header();
    let column = command.get_subcommands().map(|target| target.get_name().len()).max().unwrap_or(0) + 4;
    let beside = width >= column + NARROWEST;
    let mut text = String::new();
    for (group, names) in groups {
        let _ = writeln!(text, "{header}{group}:{header:#}");
        for target in names.iter().filter_map(|name| command.find_subcommand(name)) {
            text += &entry(target, if beside { column } else { 6 }, beside, width);
        }
        text.push('\n');
    }
    text
}

/// A target's name with its description beside or under it, from `column` on.
fn entry(target: &Command, column: usize, beside: bool, width: usize) -> String {
    let literal = target.get_styles().get_literal();
    let name = target.get_name();
    let about = target.get_about().map(ToString::to_string).unwrap_or_default();
    let about = fold(&about, width.saturating_sub(column)).join(&format!("\n{:column$}", ""));
    let gap = if beside { " ".repeat(column - 2 - name.len()) } else { format!("\n{:column$}", "") };
    format!("  {literal}{name}{literal:#}{gap}{about}\n")
}
