//! The only place that prints.
//!
//! What was asked for goes to standard output, as text or as one JSON object
//! (a dry run: one object for each step).
//! Progress, commands run, warnings and errors go to standard error, in the
//! JSON format as one JSON object a line.
#![expect(clippy::disallowed_methods, reason = "this is the room where things are printed")]

mod ask;
mod bytes;
mod fold;
mod page;
mod screen;
mod stages;
mod stdout;
mod terminal;

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;
use clap::ValueEnum;
use serde::Serialize;
use serde_json::{Value, json};

pub use bytes::Bytes;
pub use fold::fold;
pub use page::{Page, Style, Table};
use screen::Screen;
pub use stages::{Outcome, StageView};
pub use stdout::terminal_width;

use crate::failure::{exit_of, help_of};

/// Version of the JSON shapes, in their `schema` field.
const SCHEMA: u32 = 1;

/// How answers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: one object, with its shape's version in `schema`.
    Json,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How much is said on standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Errors alone.
    Quiet,
    /// Progress, warnings and the commands run.
    Normal,
    /// Details too.
    Verbose,
}

/// What a target answers: its fields are its JSON shape.
pub trait Answer: Serialize {
    /// Writes it for people.
    fn write(&self, page: &mut Page);
}

/// Prints for the whole program.
#[derive(Clone, Debug)]
pub struct Reporter {
    format: Format,
    verbosity: Verbosity,
    groups: bool,
    screen: Screen,
}

/// A group in the log, where that knows groups.
#[derive(Debug)]
pub struct Section(Option<Screen>);

impl Drop for Section {
    fn drop(&mut self) {
        if let Some(screen) = &self.0 {
            screen.line("::endgroup::");
        }
    }
}

impl Reporter {
    /// A reporter; `groups` says that the log understands GitHub's groups.
    pub fn new(format: Format, color: Color, verbosity: Verbosity, groups: bool) -> Self {
        let choice = match color {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
        Self { format, verbosity, groups, screen: Screen::new() }
    }

    /// Prints what was asked for.
    pub fn answer(&self, command: &str, answer: &impl Answer) -> anyhow::Result<()> {
        let text = match self.format {
            Format::Text => {
                let mut page = Page::new(terminal_width());
                answer.write(&mut page);
                page.into_string()
            }
            Format::Json => {
                let body = serde_json::to_value(answer).context("cannot write the answer as JSON")?;
                let mut object = json!({ "schema": SCHEMA, "command": command });
                if let (Value::Object(object), Value::Object(body)) = (&mut object, body) {
                    object.extend(body);
                }
                format!("{object:#}\n")
            }
        };
        self.stdout(&text)
    }

    /// Shows help to somebody who did not ask for it.
    pub fn unasked(&self, help: &str) {
        self.screen.line(help);
    }

    /// Says what happens.
    pub fn note(&self, message: &str) {
        self.say(Verbosity::Normal, "note", anstyle::Style::new(), message);
    }

    /// Says what would be done: the answer to `--dry-run`, a line a step.
    pub fn would(&self, step: &str) -> anyhow::Result<()> {
        match self.format {
            Format::Text => self.stdout(&format!("would {step}\n")),
            Format::Json => self.stdout(&format!("{}\n", json!({ "schema": SCHEMA, "would": step }))),
        }
    }

    /// Says what went wrong, one by one.
    pub fn warn_all(&self, messages: &[String]) {
        messages.iter().map(String::as_str).for_each(|message| self.warn(message));
    }

    /// Says what few want to know.
    pub fn detail(&self, message: &str) {
        self.say(Verbosity::Verbose, "detail", anstyle::Style::new().dimmed(), message);
    }

    /// Says what is not as it should be, but does not stop us.
    pub fn warn(&self, message: &str) {
        self.say(Verbosity::Normal, "warning", Style::Warn.into(), message);
    }

    /// Shows a command that is run, or would be.
    pub fn command(&self, line: &str) {
        self.say(Verbosity::Normal, "command", anstyle::Style::new().dimmed(), line);
    }

    /// Shows an error: what failed, the causes, what to do next.
    pub fn error(&self, error: &anyhow::Error) {
        let causes: Vec<String> = error.chain().skip(1).map(ToString::to_string).collect();
        if self.format == Format::Json {
            let exit = exit_of(error) as u8;
            let error = json!({ "message": error.to_string(), "causes": causes, "help": help_of(error), "exit": exit });
            return self.screen.line(&json!({ "schema": SCHEMA, "error": error }).to_string());
        }
        let label = |label: &str, style: Style, text: &str| {
            let style = anstyle::Style::from(style);
            self.screen.line(&format!("{style}{label}:{style:#} {text}"));
        };
        label("error", Style::Bad, &error.to_string());
        for cause in causes {
            label("cause", Style::Warn, &cause);
        }
        if let Some(help) = help_of(error) {
            label("help", Style::Good, help);
        }
    }

    /// What is said until the section is dropped belongs together.
    pub fn section(&self, title: &str) -> Section {
        let screen = (self.groups && self.format == Format::Text).then(|| self.screen.clone());
        if let Some(screen) = &screen {
            screen.line(&format!("::group::{title}"));
        }
        Section(screen)
    }

    /// A view of stages that run side by side, in the order of `names`.
    pub fn stages(&self, names: &[&str]) -> StageView {
        if self.format == Format::Json || self.verbosity == Verbosity::Quiet {
            StageView::silent(self.clone(), names)
        } else if self.groups {
            StageView::groups(self.clone(), names)
        } else if io::stderr().is_terminal() {
            StageView::live(self.clone(), names)
        } else {
            StageView::lines(self.clone(), names)
        }
    }

    fn say(&self, least: Verbosity, kind: &str, style: anstyle::Style, message: &str) {
        if self.verbosity < least {
            return;
        }
        if self.format == Format::Json {
            return self.screen.line(&json!({ "schema": SCHEMA, kind: message }).to_string());
        }
        self.screen.line(&match kind {
            "warning" => format!("{style}warning:{style:#} {message}"),
            "command" => format!("{style}$ {message}{style:#}"),
            _ => format!("{style}{message}{style:#}"),
        });
    }
}
