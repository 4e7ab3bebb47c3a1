//! The program `kind`.

use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::network::NETWORK;
use crate::context::Context;
use crate::docker::Endpoint;
use crate::failure::Failure;
use crate::process::Program;
use crate::profile::{Version, Versions};

/// How long it may take to tell its version, when `--timeout` says nothing.
const PATIENCE: Duration = Duration::from_secs(20);
/// What installs a version that is known to do.
const INSTALL: &str =
    "`go install sigs.k8s.io/kind@v0.33.0`, or get it from https://github.com/kubernetes-sigs/kind/releases";

/// The program `kind`, of a version that will do.
#[derive(Clone, Debug)]
pub struct Cli {
    path: PathBuf,
}

impl Cli {
    /// The one in `PATH`. Fails with exit status 3 when there is none, or it is
    /// not one of `versions`.
    pub fn find(cx: &Context, versions: &Versions) -> anyhow::Result<Self> {
        refuse_other_settings(cx)?;
        let help = || format!("install it with {INSTALL}");
        let path = which::which("kind")
            .map_err(|_| Failure::missing("the program `kind` is not in PATH").help(help()))?;
        let said = Program::new(&path).args(["version"]).patience(PATIENCE).read(cx)?;
        let shown = path.display();
        let version = version_in(&said).with_context(|| {
            Failure::missing(format!("`{shown}` does not tell the version of kind")).help(help())
        })?;
        if versions.contains(version) {
            return Ok(Self { path });
        }
        Err(Failure::missing(format!("`{shown}` is kind {version}, and the profile needs {versions}"))
            .help(help())
            .into())
    }

    /// Makes the cluster, in the Docker at `endpoint`. It is neither waited for,
    /// nor told to anybody: kind's kubeconfig goes to a file that nobody reads.
    pub fn create(
        &self,
        cx: &Context,
        endpoint: &Endpoint,
        cluster: &str,
        folder: &Path,
        deadline: Instant,
        line: impl FnMut(&str),
    ) -> anyhow::Result<(ExitStatus, String)> {
        let program = Program::new(&self.path)
            .args(["create", "cluster", "--name", cluster, "--retain", "--config"])
            .args([folder.join(CONFIG).as_os_str(), "--kubeconfig".as_ref()])
            .args([folder.join("kubeconfig")])
            .variable("DOCKER_HOST", endpoint.to_string());
        program.follow(cx, deadline, line)
    }
}

/// The name of kind's configuration in the folder of [`Cli::create`].
pub const CONFIG: &str = "config.yaml";

/// Fails when kind was told to do otherwise than this program relies on.
fn refuse_other_settings(cx: &Context) -> Result<(), Failure> {
    let variables = &cx.environment.kind;
    let settings = [
        ("KIND_EXPERIMENTAL_PROVIDER", &variables.provider, "docker"),
        ("KIND_EXPERIMENTAL_DOCKER_NETWORK", &variables.network, NETWORK),
    ];
    for (name, value, wanted) in settings {
        if let Some(value) = value.as_ref().filter(|value| *value != wanted) {
            let message = format!("`{name}` is `{value}`, and this program works with `{wanted}` alone");
            return Err(Failure::usage(message).help(format!("unset it: `env --unset={name} cargo xtask …`")));
        }
    }
    Ok(())
}

/// `kind v0.33.0 go1.26.8 linux/amd64`.
fn version_in(said: &str) -> Option<Version> {
    let mut words = said.split_whitespace();
    words.find(|word| *word == "kind")?;
    Version::parse(words.next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_kind_says_of_itself() {
        let version = |said| version_in(said).map(|version| version.to_string());
        assert_eq!(version("kind v0.33.0 go1.26.8 linux/amd64\n").as_deref(), Some("0.33.0"));
        assert_eq!(version("kind v0.34.0-alpha+12ab go1.27 darwin/arm64").as_deref(), Some("0.34.0"));
        assert_eq!(version("kind version unknown"), None);
        assert_eq!(version(""), None);
    }
}
