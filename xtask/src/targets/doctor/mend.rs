//! `doctor --fix`: runs what mends a finding and can do no harm.

use crate::context::Context;
use crate::doctor::{Finding, Fix};

/// What came of it.
pub(super) enum Mended {
    /// Nothing was run.
    Not,
    /// Every command was run; so many of them failed.
    Run { failed: usize },
}

/// Says what would be run.
pub(super) fn show(cx: &Context, findings: &[Finding]) -> anyhow::Result<()> {
    fixes(findings).try_for_each(|fix| cx.reporter.would(&format!("run `{}`", fix.program())))
}

/// Shows the commands, asks, and runs them.
pub(super) fn mend(cx: &Context, findings: &[Finding]) -> anyhow::Result<Mended> {
    let fixes: Vec<&Fix> = fixes(findings).collect();
    if fixes.is_empty() {
        cx.reporter.note("there is nothing that can be mended from here");
        return Ok(Mended::Not);
    }
    if !agreed(cx, &fixes)? {
        return Ok(Mended::Not);
    }
    let mut failed = 0;
    for fix in fixes {
        if let Err(error) = fix.run(cx) {
            cx.interrupt.check()?;
            cx.reporter.warn(&format!("{error:#}; run `{fix}` yourself"));
            failed += 1;
        }
    }
    Ok(Mended::Run { failed })
}

fn fixes(findings: &[Finding]) -> impl Iterator<Item = &Fix> {
    findings.iter().flat_map(|finding| &finding.fix)
}

/// Whether the user wants them to be run.
fn agreed(cx: &Context, fixes: &[&Fix]) -> anyhow::Result<bool> {
    let listed: Vec<String> = fixes.iter().map(|fix| format!("`{}`", fix.program())).collect();
    let question = format!("run {}?", listed.join(" and "));
    cx.agrees(&question)
}
