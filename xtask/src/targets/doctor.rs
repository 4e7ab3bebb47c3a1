//! `doctor`: whether this machine has what the profile needs. Changes nothing.

mod checks;

use serde::Serialize;

use crate::context::{Context, ProfileChoice};
use crate::failure::{Failure, help_of};
use crate::report::{Answer, Page, Style};

/// Check that this machine has what the profile needs
#[derive(clap::Args, Debug)]
pub struct Args {}

/// Something to look at.
struct Check {
    name: &'static str,
    /// Why it matters.
    why: &'static str,
    /// Whether the profile needs it.
    applies: fn(&Context) -> bool,
    /// An error where it is missing.
    look: fn(&Context) -> anyhow::Result<Seen>,
}

/// What was seen, where nothing is missing.
struct Seen {
    found: String,
    /// What would be better, if something would: the command that mends it.
    advice: Option<String>,
}

#[derive(Serialize)]
struct Diagnosis {
    profile: ProfileChoice,
    findings: Vec<Finding>,
    missing: usize,
    warnings: usize,
}

#[derive(Serialize)]
struct Finding {
    name: &'static str,
    state: State,
    found: String,
    why: &'static str,
    mend: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Good,
    Warning,
    Missing,
}

impl Args {
    /// Makes every check; fails with exit status 3 if something is missing.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let findings: Vec<Finding> =
            checks::ALL.iter().filter(|check| (check.applies)(cx)).map(|check| check.find(cx)).collect();
        let count = |state| findings.iter().filter(|finding| finding.state == state).count();
        let (missing, warnings) = (count(State::Missing), count(State::Warning));
        let diagnosis = Diagnosis { profile: cx.choice.clone(), findings, missing, warnings };
        cx.reporter.answer("doctor", &diagnosis)?;
        diagnosis.verdict()
    }
}

impl Check {
    fn find(&self, cx: &Context) -> Finding {
        let (state, found, mend) = match (self.look)(cx) {
            Ok(Seen { found, advice: None }) => (State::Good, found, None),
            Ok(Seen { found, advice }) => (State::Warning, found, advice),
            Err(error) => (State::Missing, format!("{error:#}"), help_of(&error).map(str::to_owned)),
        };
        Finding { name: self.name, state, found, why: self.why, mend }
    }
}

impl Diagnosis {
    fn verdict(&self) -> anyhow::Result<()> {
        let missing = self.findings.iter().filter(|finding| finding.state == State::Missing);
        let names: Vec<String> = missing.map(|finding| format!("`{}`", finding.name)).collect();
        if names.is_empty() {
            return Ok(());
        }
        let message =
            format!("profile `{}` cannot be brought up here: {}", self.profile.name, names.join(", "));
        Err(Failure::missing(message)
            .help("mend what is said above, then run `cargo xtask doctor` again")
            .into())
    }
}

impl Answer for Diagnosis {
    fn write(&self, page: &mut Page) {
        page.line(format!("profile: {}, {}", self.profile.name, self.profile.source));
        let width = self.findings.iter().map(|finding| finding.name.len()).max().unwrap_or(0);
        for Finding { name, state, found, why, mend } in &self.findings {
            let (mark, style) = match state {
                State::Good => ("✓", Style::Good),
                State::Warning => ("!", Style::Warn),
                State::Missing => ("✗", Style::Bad),
            };
            page.folded(style, 0, format!("{mark} {name:<width$}  {found}"));
            if *state != State::Good {
                page.folded(Style::Plain, 4, format!("why: {why}"));
                if let Some(mend) = mend {
                    page.folded(Style::Plain, 4, format!("help: {mend}"));
                }
            }
        }
        let good = self.findings.len() - self.missing - self.warnings;
        page.line(format!("{good} good, {} could be better, {} missing", self.warnings, self.missing));
    }
}
