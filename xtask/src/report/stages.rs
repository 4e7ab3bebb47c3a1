//! The view of stages that run side by side.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::{Reporter, Style};

/// How often a spinner turns.
const TICK: Duration = Duration::from_millis(100);

/// How a stage ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Something was made, or removed.
    Done,
    /// It was so already.
    Already,
    /// It failed.
    Failed,
    /// Not tried: another failed, or the user interrupted.
    Skipped,
}

impl Outcome {
    /// Whether the stage is as it was asked to be.
    pub fn is_well(self) -> bool {
        matches!(self, Self::Done | Self::Already)
    }
}

/// Shows the stages of one run. Safe to use from several threads.
#[derive(Debug)]
pub struct StageView {
    reporter: Reporter,
    look: Look,
    name_width: usize,
}

#[derive(Debug)]
enum Look {
    /// JSON lines, or nothing.
    Silent,
    /// A line when a stage ends.
    Lines,
    /// A group for each stage, with what it said.
    Groups(Mutex<HashMap<String, Vec<String>>>),
    /// A spinner for each stage.
    Live(Mutex<HashMap<String, ProgressBar>>),
}

impl StageView {
    pub(super) fn silent(reporter: Reporter, names: &[&str]) -> Self {
        Self::new(reporter, Look::Silent, names)
    }

    pub(super) fn lines(reporter: Reporter, names: &[&str]) -> Self {
        Self::new(reporter, Look::Lines, names)
    }

    pub(super) fn groups(reporter: Reporter, names: &[&str]) -> Self {
        Self::new(reporter, Look::Groups(Mutex::default()), names)
    }

    pub(super) fn live(reporter: Reporter, names: &[&str]) -> Self {
        Self::new(reporter, Look::Live(Mutex::default()), names)
    }

    fn new(reporter: Reporter, look: Look, names: &[&str]) -> Self {
        let name_width = names.iter().map(|name| name.len()).max().unwrap_or(0);
        Self { reporter, look, name_width }
    }

    /// A stage begins.
    pub fn begin(&self, name: &str) {
        if let Look::Live(running) = &self.look {
            let bar = self.reporter.screen.bar();
            let template = ProgressStyle::with_template("{spinner:.cyan} {msg}");
            bar.set_style(template.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.set_message(name.to_owned());
            bar.enable_steady_tick(TICK);
            lock(running).insert(name.to_owned(), bar);
        }
    }

    /// A stage says what it does or waits for.
    pub fn progress(&self, name: &str, message: &str) {
        match &self.look {
            Look::Silent | Look::Lines => self.reporter.detail(&format!("{name}: {message}")),
            Look::Groups(said) => {
                lock(said).entry(name.to_owned()).or_default().push(message.to_owned());
            }
            Look::Live(running) => {
                if let Some(bar) = lock(running).get(name) {
                    bar.set_message(format!("{name:<width$}  {message}", width = self.name_width));
                }
            }
        }
    }

    /// A stage that only waits says that what it waits for has changed; told
    /// also where there is no live view.
    pub fn changed(&self, name: &str, message: &str) {
        match &self.look {
            Look::Live(..) => self.progress(name, message),
            Look::Silent | Look::Lines | Look::Groups(_) => {
                self.reporter.note(&format!("{name}: {message}"));
            }
        }
    }

    /// A stage has ended; `message` says what is there now.
    pub fn end(&self, name: &str, outcome: Outcome, message: &str, elapsed: Duration) {
        let (mark, style) = match outcome {
            Outcome::Done => ("✓", Style::Good),
            Outcome::Already => ("✓", Style::Dim),
            Outcome::Failed => ("✗", Style::Bad),
            Outcome::Skipped => ("-", Style::Warn),
        };
        let style = anstyle::Style::from(style);
        let width = self.name_width;
        let time = elapsed.as_secs_f64();
        let line = format!("{style}{mark}{style:#} {name:<width$}  {time:>6.2} s  {message}");
        let screen = &self.reporter.screen;
        match &self.look {
            Look::Silent => self.reporter.note(&format!("{name}: {message}")),
            Look::Lines => screen.line(&line),
            Look::Groups(said) => {
                let said = lock(said).remove(name).unwrap_or_default();
                screen.line(&format!("::group::{mark} {name} ({time:.2} s)"));
                for message in said {
                    screen.line(&message);
                }
                screen.line(message);
                screen.line("::endgroup::");
            }
            Look::Live(running) => {
                if let Some(bar) = lock(running).remove(name) {
                    bar.finish_and_clear();
                }
                screen.line(&line);
            }
        }
    }
}

impl Drop for StageView {
    /// Takes away the spinners of stages that were broken off.
    fn drop(&mut self) {
        if let Look::Live(running) = &self.look {
            lock(running).values().for_each(ProgressBar::finish_and_clear);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
