//! Provides missing parts: what needs no privilege at once, what has to be
//! installed on the machine only where that is wanted.

use std::path::PathBuf;

use super::debian::PYTHON;
use super::{GO, Part, Source};
use crate::context::Context;
use crate::process::Program;

/// Finds every part, and provides those that are missing as far as that is
/// allowed: what stays in the state directory always, packages of the
/// distribution and crates as [`may_install`] says. Each answer is the path,
/// or why not.
pub fn provide(cx: &Context, parts: &[&'static Part]) -> anyhow::Result<Vec<Result<PathBuf, String>>> {
    // To look can mean to ask each program for its version.
    let found: Vec<Option<PathBuf>> = parts.iter().map(|part| part.find(cx)).collect();
    let missing = parts.iter().zip(&found).filter(|(_, found)| found.is_none()).map(|(part, _)| *part);
    let (mut private, mut others): (Vec<&Part>, Vec<&Part>) =
        missing.partition(|part| part.source.is_private());
    if private.iter().any(|part| part.source.is_built_by_go()) && GO.find(cx).is_none() {
        private.insert(0, &GO);
    }
    if private.iter().any(|part| matches!(part.source, Source::Wheel { .. })) && !has_pip(cx) {
        others.insert(0, &PYTHON);
    }
    let installed = install(cx, &others);
    let attempts: Vec<(&str, anyhow::Result<()>)> =
        private.into_iter().map(|part| (part.name, part.fetch(cx))).collect();
    cx.interrupt.check()?;
    let answer = |(part, found): (&&'static Part, Option<PathBuf>)| {
        let attempt = attempts.iter().find(|(name, _)| *name == part.name);
        let error = attempt.map_or(&installed, |(_, attempt)| attempt).as_ref().err();
        match (found.or_else(|| part.find(cx)), error) {
            (Some(path), _) => Ok(path),
            // It would be there by now.
            (None, None) if cx.dry_run && (attempt.is_some() || may_install(cx)) => {
                Ok(part.provided(cx).unwrap_or_else(|| PathBuf::from(part.program)))
            }
            (None, None) => Err(part.absence()),
            (None, Some(error)) => Err(format!("{}; {error:#}", part.absence())),
        }
    };
    Ok(parts.iter().zip(found).map(answer).collect())
}

/// Whether the machine may be changed: with `CI=true`, or with `--yes` as root.
pub fn may_install(cx: &Context) -> bool {
    cx.environment.ci || (cx.yes && is_root())
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn has_pip(cx: &Context) -> bool {
    Program::new(PYTHON.program).args(["-m", "pip", "--version"]).read(cx).is_ok()
}

/// Names the parts; if allowed, installs packages of the distribution in one
/// go, then crates.
fn install(cx: &Context, parts: &[&Part]) -> anyhow::Result<()> {
    for part in parts {
        cx.reporter.note(&part.absence());
    }
    if parts.is_empty() || !may_install(cx) {
        return Ok(());
    }
    let packages: Vec<&str> = parts.iter().flat_map(|part| part.source.packages()).copied().collect();
    if !packages.is_empty() {
        let apt = |args: &[&str]| {
            let sudo = Program::new("sudo").args(["-n", "apt-get"]);
            let apt = if is_root() { Program::new("apt-get") } else { sudo };
            apt.args(args).variable("DEBIAN_FRONTEND", "noninteractive").run(cx)
        };
        apt(&["update"])?;
        apt(&[&["install", "--yes", "--no-install-recommends"], packages.as_slice()].concat())?;
    }
    parts.iter().try_for_each(|part| part.fetch(cx))
}
