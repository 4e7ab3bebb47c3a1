//! Commands that pass or fail, one after the other, with a summary.

use std::time::Instant;

use serde::Serialize;

use crate::context::Context;
use crate::failure::{Exit, Failure, exit_of};
use crate::process::Program;
use crate::report::{Answer, Page, Style};
use crate::testbed::Testbed;

/// One command that passes or fails.
#[derive(Debug)]
pub struct Suite {
    /// Its name, as short as a word.
    pub name: &'static str,
    /// What is run.
    pub program: Program,
    /// Why it cannot be run here, if so.
    pub obstacle: Option<String>,
    /// What runs beside it.
    pub testbed: Option<Testbed>,
}

#[derive(Serialize)]
struct Summary {
    suites: Vec<Ended>,
    passed: usize,
    failed: usize,
    skipped: usize,
}

#[derive(Serialize)]
struct Ended {
    name: &'static str,
    command: String,
    outcome: Outcome,
    /// Why it did not pass.
    reason: Option<String>,
    seconds: f64,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Passed,
    Failed,
    Skipped,
}

/// Runs every suite, whatever becomes of the others, and answers `command`
/// with a summary. Fails if a suite fails or, with `CI=true`, is skipped.
pub fn run_all(cx: &Context, command: &str, suites: &[Suite]) -> anyhow::Result<()> {
    if cx.dry_run {
        return suites.iter().try_for_each(|suite| suite.plan(cx));
    }
    let suites = suites.iter().map(|suite| suite.run(cx)).collect::<anyhow::Result<_>>()?;
    let summary = Summary::new(suites);
    cx.reporter.answer(command, &summary)?;
    summary.verdict(cx.environment.ci)
}

impl Suite {
    fn plan(&self, cx: &Context) -> anyhow::Result<()> {
        if let Some(obstacle) = &self.obstacle {
            return cx.reporter.would(&format!("skip `{}`: {obstacle}", self.name));
        }
        if let Some(testbed) = &self.testbed {
            testbed.plan(cx)?;
        }
        cx.reporter.would(&format!("run `{}`", self.program))
    }

    /// Fails only if the whole call is to end: interrupted, or out of time.
    fn run(&self, cx: &Context) -> anyhow::Result<Ended> {
        let start = Instant::now();
        let (outcome, reason) = if let Some(obstacle) = &self.obstacle {
            (Outcome::Skipped, Some(obstacle.clone()))
        } else {
            let _section = cx.reporter.section(self.name);
            match self.execute(cx) {
                Ok(()) => (Outcome::Passed, None),
                Err(error) if matches!(exit_of(&error), Exit::Interrupted | Exit::TimedOut) => {
                    return Err(error);
                }
                Err(error) => (Outcome::Failed, Some(format!("{error:#}"))),
            }
        };
        let seconds = start.elapsed().as_secs_f64();
        Ok(Ended { name: self.name, command: self.command(), outcome, reason, seconds })
    }

    fn execute(&self, cx: &Context) -> anyhow::Result<()> {
        let Some(testbed) = &self.testbed else { return self.program.run(cx) };
        let ready = testbed.start(cx, self.program.clone())?;
        ready.program.run(cx)
    }

    /// How it is run again; by itself the program would miss its servers.
    fn command(&self) -> String {
        match self.testbed {
            None => self.program.to_string(),
            Some(_) => format!("cargo xtask test {}", self.name),
        }
    }
}

impl Summary {
    fn new(suites: Vec<Ended>) -> Self {
        let count = |outcome| suites.iter().filter(|suite| suite.outcome == outcome).count();
        let [passed, failed, skipped] = [Outcome::Passed, Outcome::Failed, Outcome::Skipped].map(count);
        Self { suites, passed, failed, skipped }
    }

    fn verdict(&self, nothing_may_be_skipped: bool) -> anyhow::Result<()> {
        let names = |outcome| {
            let ended = self.suites.iter().filter(move |suite| suite.outcome == outcome);
            ended.map(|suite| format!("`{}`", suite.name)).collect::<Vec<_>>().join(", ")
        };
        if let Some(first) = self.suites.iter().find(|suite| suite.outcome == Outcome::Failed) {
            let message =
                format!("{} of {} failed: {}", self.failed, self.suites.len(), names(Outcome::Failed));
            return Err(Failure::failed(message)
                .help(format!("look closer with `{}`", first.command))
                .into());
        }
        if nothing_may_be_skipped && self.skipped > 0 {
            let message = format!("skipped although CI=true: {}", names(Outcome::Skipped));
            return Err(Failure::missing(message).help("provide what the summary says is missing").into());
        }
        Ok(())
    }
}

impl Answer for Summary {
    fn write(&self, page: &mut Page) {
        let width = self.suites.iter().map(|suite| suite.name.len()).max().unwrap_or(0);
        for suite in &self.suites {
            let (mark, style) = match suite.outcome {
                Outcome::Passed => ("✓", Style::Good),
                Outcome::Failed => ("✗", Style::Bad),
                Outcome::Skipped => ("-", Style::Warn),
            };
            let Ended { name, seconds, .. } = suite;
            page.styled(style, format!("{mark} {name:<width$}  {seconds:>7.2} s"));
            if let Some(reason) = &suite.reason {
                page.folded(Style::Plain, 2, reason);
            }
        }
        page.line(format!("{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(outcomes: &[(&'static str, Outcome)]) -> Summary {
        let ended = |&(name, outcome)| {
            let reason = (outcome != Outcome::Passed).then(|| "no luck".to_owned());
            Ended { name, command: format!("cargo {name}"), outcome, reason, seconds: 1.5 }
        };
        Summary::new(outcomes.iter().map(ended).collect())
    }

    #[test]
    fn one_line_a_suite_and_the_count_last() {
        let all = summary(&[("fmt", Outcome::Passed), ("doc", Outcome::Failed), ("zsh", Outcome::Skipped)]);
        let mut page = Page::new(Some(80));
        all.write(&mut page);
        let text = anstream::adapter::strip_str(&page.into_string()).to_string();
        let expected = "✓ fmt     1.50 s\n✗ doc     1.50 s\n  no luck\n- zsh     1.50 s\n  no luck\n\
                        1 passed, 1 failed, 1 skipped\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_failed_suite_fails_all() {
        let all = summary(&[("fmt", Outcome::Passed), ("doc", Outcome::Failed), ("zsh", Outcome::Skipped)]);
        let error = all.verdict(true).unwrap_err();
        assert_eq!((exit_of(&error), error.to_string()), (Exit::Failed, "1 of 3 failed: `doc`".to_owned()));
    }

    #[test]
    fn a_skipped_suite_fails_all_in_ci_alone() {
        let all = summary(&[("fmt", Outcome::Passed), ("zsh", Outcome::Skipped)]);
        assert_eq!(exit_of(&all.verdict(true).unwrap_err()), Exit::Missing);
        assert!(all.verdict(false).is_ok());
    }
}
