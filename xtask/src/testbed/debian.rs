//! A Debian to install packages in: made once by `debootstrap` of the packages
//! that this machine's own come from, and kept.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::{Ready, Testbed, dir};
use crate::context::Context;
use crate::process::Program;

/// What packages of ours depend on beside what every Debian has.
const PACKAGES: &str = "ca-certificates";
/// The variable that tells a test where it is.
const VARIABLE: &str = "XTASK_TEST_DEBIAN";
/// Prints the repository, the release and the component of each list of packages.
const TARGETS: [&str; 4] =
    ["indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages"];

/// How the system is made.
#[derive(Debug)]
pub struct Debian {
    debootstrap: PathBuf,
    /// The release of this machine.
    release: String,
    /// Where its packages come from.
    mirror: String,
}

impl Debian {
    /// Looks where packages come from here. Else says why there is no such system.
    pub fn prepare(cx: &Context, debootstrap: &Path) -> anyhow::Result<Result<Testbed, String>> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Err("only root can make a Debian: `sudo cargo xtask test package`".to_owned()));
        }
        let os = fs::read_to_string("/etc/os-release").context("cannot read `/etc/os-release`")?;
        let Some(release) = codename(&os) else {
            return Ok(Err("this machine is no release of Debian".to_owned()));
        };
        let targets = Program::new("apt-get").args(TARGETS).read(cx)?;
        let Some(mirror) = mirror(&targets, release) else {
            return Ok(Err(format!("apt has no source with the packages of `{release}`")));
        };
        let (release, mirror) = (release.to_owned(), mirror.to_owned());
        Ok(Ok(Testbed::Debian(Self { debootstrap: debootstrap.to_owned(), release, mirror })))
    }

    pub(super) fn plan(&self, cx: &Context) -> anyhow::Result<()> {
        if self.kept(cx).is_file() {
            return Ok(());
        }
        cx.reporter.would(&format!("make `{}` of `{}`", self.kept(cx).display(), self.mirror))
    }

    pub(super) fn start(&self, cx: &Context, program: Program) -> anyhow::Result<Ready> {
        if !self.kept(cx).is_file() {
            self.make(cx)?;
        }
        Ok(Ready { program: program.variable(VARIABLE, self.kept(cx)), _servers: Box::new(()) })
    }

    /// What is half done has another name.
    fn make(&self, cx: &Context) -> anyhow::Result<()> {
        cx.reporter.note(&format!("making a Debian of `{}` takes a minute, once", self.mirror));
        let scratch = tempfile::Builder::new().prefix("debian-").tempdir_in(dir(cx));
        let scratch = scratch.with_context(|| format!("cannot make a folder in `{}`", dir(cx).display()))?;
        let (root, archive) = (scratch.path().join("root"), scratch.path().join("root.tar"));
        let debootstrap = Program::new(&self.debootstrap).args(["--variant=minbase"]);
        let debootstrap = debootstrap.args([format!("--include={PACKAGES}"), self.release.clone()]);
        debootstrap.args([&root]).args([&self.mirror]).run(cx)?;
        let tar = Program::new("tar").args(["--numeric-owner", "--create", "--file"]);
        tar.args([archive.as_path(), "--directory".as_ref(), &root, ".".as_ref()]).run(cx)?;
        let kept = self.kept(cx);
        fs::rename(&archive, &kept).with_context(|| format!("cannot write `{}`", kept.display()))
    }

    fn kept(&self, cx: &Context) -> PathBuf {
        dir(cx).join(format!("debian-{}.tar", self.release))
    }
}

/// The release's name in `/etc/os-release`.
fn codename(os: &str) -> Option<&str> {
    let value = os.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="))?.trim_matches('"');
    let is_name = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_lowercase());
    is_name.then_some(value)
}

/// The first repository that has the release itself, not only its updates.
fn mirror<'a>(targets: &'a str, release: &str) -> Option<&'a str> {
    targets.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        let (mirror, suite, component) = (words.next()?, words.next()?, words.next()?);
        (suite == release && component == "main").then_some(mirror)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_is_that_of_the_release() {
        let targets = "http://security.example/debian/ bookworm-security main\n\
                       http://mirror.example/debian/ bookworm contrib\n\
                       http://mirror.example/debian/ bookworm main\n\
                       http://other.example/debian/ bookworm main\n";
        assert_eq!(mirror(targets, "bookworm"), Some("http://mirror.example/debian/"));
        assert_eq!(mirror(targets, "trixie"), None);
    }

    #[test]
    fn a_system_without_a_release_has_no_name() {
        assert_eq!(codename("ID=debian\nVERSION_CODENAME=bookworm\n"), Some("bookworm"));
        assert_eq!(codename("VERSION_CODENAME=\"jammy\"\n"), Some("jammy"));
        for os in ["ID=arch\n", "VERSION_CODENAME=\n", "VERSION_CODENAME=../x\n"] {
            assert_eq!(codename(os), None, "{os}");
        }
    }
}
