//! `doctor --fix`: runs what mends a finding and can do no harm.

use crate::context::Context;
use crate::doctor::{Finding, Fix};
use crate::failure::Failure;

/// Shows the commands, asks, and runs them; whether one was run.
pub(super) fn mend(cx: &Context, findings: &[Finding]) -> anyhow::Result<bool> {
    let fixes: Vec<&Fix> = findings.iter().flat_map(|finding| &finding.fix).collect();
    if fixes.is_empty() {
        cx.reporter.note("there is nothing that can be mended from here");
        return Ok(false);
    }
    if cx.dry_run {
        fixes.iter().try_for_each(|fix| cx.reporter.would(&format!("run `{}`", fix.program())))?;
        return Ok(false);
    }
    if !cx.yes && !agreed(cx, &fixes)? {
        return Ok(false);
    }
    for fix in fixes {
        if let Err(error) = fix.run(cx) {
            cx.interrupt.check()?;
            cx.reporter.warn(&format!("{error:#}; run `{fix}` yourself"));
        }
    }
    Ok(true)
}

/// Whether the user wants them to be run.
fn agreed(cx: &Context, fixes: &[&Fix]) -> anyhow::Result<bool> {
    let listed: Vec<String> = fixes.iter().map(|fix| format!("  {}", fix.program())).collect();
    let question =
        format!("These commands change this machine until it restarts:\n{}\nRun them?", listed.join("\n"));
    cx.reporter.confirm(&cx.interrupt, &question)?.ok_or_else(|| {
        Failure::usage("`doctor --fix` changes this machine, and nobody can be asked: this is no terminal")
            .help("see the commands with `--dry-run`, and run them with `--yes`")
            .into()
    })
}
