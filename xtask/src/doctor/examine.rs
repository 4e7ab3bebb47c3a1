//! Makes checks, side by side.

use std::panic::resume_unwind;
use std::thread;

use super::{Check, Facts, Finding, Seen, State};
use crate::context::Context;
use crate::failure::Failure;

/// Makes those of the checks that the profile needs; the findings are in their
/// order. Fails only when the user interrupts.
pub fn examine(cx: &Context, checks: &[&'static Check]) -> anyhow::Result<Vec<Finding>> {
    let facts = &Facts::new(cx);
    let wanted = checks.iter().filter(|check| (check.applies)(cx));
    let findings = thread::scope(|scope| {
        let running: Vec<_> = wanted.map(|check| scope.spawn(|| check.find(facts))).collect();
        let ended = running.into_iter().map(thread::ScopedJoinHandle::join);
        ended.map(|finding| finding.unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    cx.interrupt.check()?;
    Ok(findings)
}

/// What a stage needs before it makes anything: fails with exit status 3 if
/// something is missing, and warns of what could be better.
///
/// ```ignore
/// doctor::needed(cx, &doctor::Verb::Kind.checks())?;
/// ```
pub fn needed(cx: &Context, checks: &[&'static Check]) -> anyhow::Result<()> {
    let findings = examine(cx, checks)?;
    for Finding { name, state, found, mend, .. } in &findings {
        let help = mend.as_ref().map(|mend| format!("; {mend}")).unwrap_or_default();
        match state {
            State::Good | State::Missing => (),
            State::Warning => cx.reporter.warn(&format!("{name}: {found}{help}")),
            State::Unknown => cx.reporter.detail(&format!("{name}: {found}")),
        }
    }
    let missing: Vec<&Finding> = findings.iter().filter(|it| it.state == State::Missing).collect();
    lacking(&missing).map_or(Ok(()), |failure| Err(failure.into()))
}

/// What is missing, as one failure.
fn lacking(missing: &[&Finding]) -> Option<Failure> {
    let told = missing.iter().map(|it| format!("{}: {}", it.name, it.found)).collect::<Vec<_>>().join("; ");
    match missing {
        [] => None,
        [Finding { mend: Some(mend), .. }] => Some(Failure::missing(told).help(mend)),
        _ => Some(Failure::missing(told).help("see what mends each with `cargo xtask doctor`")),
    }
}

impl Check {
    fn find(&self, facts: &Facts<'_>) -> Finding {
        let Seen { state, found, mend, fix } = (self.look)(facts).unwrap_or_else(Seen::from);
        Finding { name: self.name, state, found, why: self.why, mend, fix }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{Exit, exit_of, help_of};

    const fn check(name: &'static str, look: fn(&Facts<'_>) -> anyhow::Result<Seen>) -> Check {
        Check { name, why: "it matters", applies: super::super::always, verbs: &[], look }
    }

    const GOOD: Check = check("good", |_| Ok(Seen::good("well")));
    const BETTER: Check = check("better", |_| Ok(Seen::warning("so so", "do more")));
    const UNKNOWN: Check = check("unknown", |_| Ok(Seen::unknown("nobody tells")));
    const MISSING: Check = check("missing", |_| Err(Failure::missing("no `x`").help("make x").into()));
    const OTHER: Check = Check { applies: |_| false, ..MISSING };

    #[test]
    fn findings_are_in_order_and_of_what_applies() {
        let findings = examine(&Context::for_tests(), &[&MISSING, &OTHER, &GOOD, &UNKNOWN]).unwrap();
        let told: Vec<_> = findings.iter().map(|it| (it.name, it.state)).collect();
        assert_eq!(told, [("missing", State::Missing), ("good", State::Good), ("unknown", State::Unknown)]);
        assert_eq!((findings[0].found.as_str(), findings[0].mend.as_deref()), ("no `x`", Some("make x")));
    }

    #[test]
    fn a_stage_goes_on_unless_something_is_missing() {
        let cx = Context::for_tests();
        needed(&cx, &[&GOOD, &BETTER, &UNKNOWN]).unwrap();
        let error = needed(&cx, &[&GOOD, &MISSING]).unwrap_err();
        assert_eq!((error.to_string().as_str(), help_of(&error)), ("missing: no `x`", Some("make x")));
        assert_eq!(exit_of(&error), Exit::Missing);
        let error = needed(&cx, &[&MISSING, &MISSING]).unwrap_err();
        assert_eq!(error.to_string(), "missing: no `x`; missing: no `x`");
        assert_eq!(help_of(&error), Some("see what mends each with `cargo xtask doctor`"));
    }
}
