//! Foreign programs that tests, comparisons and packages need: how each is found, and provided.

mod catalogue;
mod debian;
mod fetch;
mod provide;
mod source;

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::process::Program;
use source::Source;

pub use catalogue::{
    CARGO_DENY, COMPOSE_V1, COMPOSE_V2, GITEA, GITEA_MODULE, GO, HELM, KIND, KIND_NODE, KUBE_APISERVER,
    KUBERNETES, METALLB, METALLB_CONTROLLER, TRAEFIK,
};
pub use debian::{
    BUSYBOX, CURL, DEBOOTSTRAP, DOCKER, DOCKER_REGISTRY, DOCKERD, DPKG_DEB, ETCD, FISH, GCC, HAPROXY, IP,
    LINTIAN, NGINX, OPENSSL, SHELLCHECK, STRIP, SYSTEMD_ANALYZE, UNSHARE, ZSH,
};
pub use fetch::go_sources;
pub use provide::{may_install, provide};

/// Where servers and plug-ins of Docker's client are, outside of a user's `PATH`.
const OUTSIDE: &str = "/usr/local/sbin:/usr/sbin:/usr/local/libexec/docker/cli-plugins:\
                       /usr/local/lib/docker/cli-plugins:/usr/libexec/docker/cli-plugins:\
                       /usr/lib/docker/cli-plugins";

/// A foreign program.
#[derive(Debug)]
pub struct Part {
    /// What we call it.
    pub name: &'static str,
    /// Its name in `PATH`.
    program: &'static str,
    /// What it is needed for.
    why: &'static str,
    version: Version,
    source: Source,
}

/// Which versions will do.
#[derive(Debug)]
enum Version {
    Any,
    AtLeast(&'static str),
    Before(&'static str),
    Exactly(&'static str),
}

impl Part {
    /// A program of the distribution; any version will do.
    const fn debian(name: &'static str, why: &'static str, packages: &'static [&'static str]) -> Self {
        Self { name, program: name, why, version: Version::Any, source: Source::Debian(packages) }
    }

    /// Where it is, in `PATH` or among what was provided earlier, in a version
    /// that will do.
    pub fn find(&self, cx: &Context) -> Option<PathBuf> {
        let provided = self.provided(cx).filter(|path| path.is_file());
        let elsewhere = if self.is_known_by_name() { self.on_machine() } else { Vec::new() };
        elsewhere.into_iter().chain(provided).find(|path| self.will_do(cx, path))
    }

    /// Whether something in `PATH` can be it: what is built for us has to be
    /// known by its version.
    fn is_known_by_name(&self) -> bool {
        match self.source {
            Source::Go { .. } => false,
            Source::GoPackage { .. } => !matches!(self.version, Version::Any),
            _ => true,
        }
    }

    /// What goes by its name, whatever it is.
    fn on_machine(&self) -> Vec<PathBuf> {
        let in_path = which::which_all(self.program).into_iter().flatten();
        let outside = which::which_in_all(self.program, Some(OUTSIDE), "/").into_iter().flatten();
        in_path.chain(outside).collect()
    }

    /// Why it is missing, and what to do.
    pub fn absence(&self) -> String {
        let version = match self.version {
            Version::Any => String::new(),
            Version::AtLeast(version) => format!(" {version} or newer"),
            Version::Before(version) => format!(" older than {version}"),
            Version::Exactly(version) => format!(" {version}"),
        };
        let Self { program, why, .. } = self;
        format!("`{program}`{version} is missing, needed {why}: {}", self.how())
    }

    /// The variable that tells a test where it is.
    pub fn variable(&self) -> String {
        format!("XTASK_TEST_{}", self.name.to_uppercase().replace('-', "_"))
    }

    /// A command that brings it, in backticks.
    pub fn how(&self) -> String {
        self.source.how(self.program)
    }

    /// Where it is put if we provide it.
    fn provided(&self, cx: &Context) -> Option<PathBuf> {
        self.source.provided(cx, self.program)
    }

    fn will_do(&self, cx: &Context, path: &Path) -> bool {
        let newer = |wanted: &str| {
            let said = Program::new(path).args(["version"]).read(cx).ok()?;
            Some(version_in(&said)?.cmp(&numbers(wanted)?))
        };
        match self.version {
            Version::Any => true,
            Version::AtLeast(version) => newer(version).is_some_and(Ordering::is_ge),
            Version::Before(version) => newer(version).is_some_and(Ordering::is_lt),
            Version::Exactly(version) => newer(version).is_some_and(Ordering::is_eq),
        }
    }
}

/// The first version in what a program says of itself: `go1.26.8`, `3.7.15`,
/// `1.29.2,`, `v2.26.1-4`, `{Version:"v3.19.0",`.
fn version_in(said: &str) -> Option<Vec<u32>> {
    let number = |word: &str| {
        let word = word.trim_start_matches(char::is_alphabetic);
        let end = word.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
        numbers(&word[..end.unwrap_or(word.len())])
    };
    said.split(|letter: char| letter.is_whitespace() || letter == '"').find_map(number)
}

/// Two or more numbers between dots.
fn numbers(version: &str) -> Option<Vec<u32>> {
    let numbers: Option<Vec<u32>> = version.split('.').map(|number| number.parse().ok()).collect();
    numbers.filter(|numbers| numbers.len() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_version_in_what_programs_say() {
        assert_eq!(version_in("go version go1.26.8 linux/amd64"), Some(vec![1, 26, 8]));
        assert_eq!(version_in("Version:      3.7.15\nCodename:     x"), Some(vec![3, 7, 15]));
        let compose = "docker-compose version 1.29.2, build unknown\ndocker-py version: 5.0.3";
        assert_eq!(version_in(compose), Some(vec![1, 29, 2]));
        assert_eq!(version_in("Docker Compose version 2.26.1-4"), Some(vec![2, 26, 1]));
        let helm = "version.BuildInfo{Version:\"v3.19.0\", GitCommit:\"\", GoVersion:\"go1.26.8\"}";
        assert_eq!(version_in(helm), Some(vec![3, 19, 0]));
        assert_eq!(version_in("kind v0.33.0 go1.26.8 linux/amd64"), Some(vec![0, 33, 0]));
        assert_eq!(version_in("no version 3"), None);
    }

    #[test]
    fn versions_compare_number_by_number() {
        assert!(numbers("1.26.8") > numbers("1.24"));
        assert!(numbers("1.9.1") < numbers("1.24"));
    }
}
