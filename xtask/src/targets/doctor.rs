//! `doctor`: whether this machine has what the profile needs.

mod mend;

use serde::Serialize;

use crate::context::{Context, ProfileChoice};
use crate::doctor::{self, Finding, State, Verb};
use crate::failure::Failure;
use crate::report::{Answer, Page, Style};
use mend::Mended;

/// Check that this machine has what the profile needs
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Check only what this needs [default: all that the profile can need]
    #[arg(value_enum)]
    verb: Option<Verb>,
    /// Run the commands that can do no harm, then look again
    #[arg(long)]
    fix: bool,
}

#[derive(Serialize)]
struct Diagnosis {
    profile: ProfileChoice,
    findings: Vec<Finding>,
    missing: usize,
    warnings: usize,
    unknown: usize,
}

impl Args {
    /// Makes every check; fails with exit status 3 if something is missing.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        if let Some(verb) = self.verb {
            verb.check_profile(cx)?;
        }
        let checks = self.verb.map_or_else(doctor::all, Verb::checks);
        let mut findings = doctor::examine(cx, &checks)?;
        let mut failed = 0;
        if self.fix {
            if cx.dry_run {
                return mend::show(cx, &findings);
            }
            if let Mended::Run { failed: count } = mend::mend(cx, &findings)? {
                findings = doctor::examine(cx, &checks)?;
                failed = count;
            }
        }
        let diagnosis = Diagnosis::new(cx.choice.clone(), findings);
        cx.reporter.answer("doctor", &diagnosis)?;
        diagnosis.verdict()?;
        if failed == 0 { Ok(()) } else { Err(not_mended(failed).into()) }
    }
}

fn not_mended(failed: usize) -> Failure {
    let commands = if failed == 1 { "a command".to_owned() } else { format!("{failed} commands") };
    Failure::failed(format!("{commands} of `--fix` failed")).help("run what is said above as root")
}

impl Diagnosis {
    fn new(profile: ProfileChoice, findings: Vec<Finding>) -> Self {
        let count = |state| findings.iter().filter(|finding| finding.state == state).count();
        let (missing, warnings, unknown) =
            (count(State::Missing), count(State::Warning), count(State::Unknown));
        Self { profile, findings, missing, warnings, unknown }
    }

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
        for Finding { name, state, found, why, mend, .. } in &self.findings {
            let (mark, style) = match state {
                State::Good => ("✓", Style::Good),
                State::Warning => ("!", Style::Warn),
                State::Missing => ("✗", Style::Bad),
                State::Unknown => ("?", Style::Dim),
            };
            page.folded(style, 0, format!("{mark} {name:<width$}  {found}"));
            if matches!(state, State::Warning | State::Missing) {
                page.folded(Style::Plain, 4, format!("why: {why}"));
                if let Some(mend) = mend {
                    page.folded(Style::Plain, 4, format!("help: {mend}"));
                }
            }
        }
        page.line(self.summary());
    }
}

impl Diagnosis {
    fn summary(&self) -> String {
        let Self { findings, missing, warnings, unknown, .. } = self;
        let good = findings.len() - missing - warnings - unknown;
        let untold = if *unknown == 0 { String::new() } else { format!(", {unknown} could not be told") };
        format!("{good} good, {warnings} could be better, {missing} missing{untold}")
    }
}
