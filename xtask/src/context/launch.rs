//! What was said of the router when it was started.

use std::path::PathBuf;

use cluster::Access;
use serde::{Deserialize, Serialize};

/// What was said to `router start`. Names files, and holds no secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    /// Overrides of the profile, `key=value`.
    pub overrides: Vec<String>,
    /// Backends that were given, `route=address`.
    pub backends: Vec<String>,
    /// How the cluster was found.
    pub access: Access,
    /// Whether that was said in so many words. Else the kubeconfig of the
    /// profile's own cluster, once there is one, goes before it.
    #[serde(default)]
    pub names_cluster: bool,
    /// The sandbox that was asked for.
    #[serde(default)]
    pub sandbox: Option<SandboxRequest>,
    /// The Docker that the router runs in, as in `DOCKER_HOST`; none: in none.
    #[serde(default)]
    pub docker: Option<String>,
}

/// The sandbox that was asked for on the command line. Names files, and holds no secret itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxRequest {
    /// `--external-domain`: the names are served under it.
    pub domain: String,
    /// `--tls-cert`: a PEM file with the chain of the names, their own certificate first.
    pub certificate: PathBuf,
    /// `--tls-key`: a PEM file with its key: PKCS#8, PKCS#1 or SEC1, not encrypted.
    pub key: PathBuf,
    /// `--ca`: a PEM file with the authorities of the internal names, in place
    /// of those that the container's system trusts.
    pub authority: Option<PathBuf>,
}

impl Launch {
    /// The backends, with those of `arguments` in the place of its own.
    pub fn backends_with(&self, arguments: &[String]) -> Vec<String> {
        let route = |argument: &String| argument.split('=').next().unwrap_or_default().to_owned();
        let replaced: Vec<String> = arguments.iter().map(route).collect();
        let kept = self.backends.iter().filter(|own| !replaced.contains(&route(own)));
        kept.chain(arguments).cloned().collect()
    }

    /// What was said of the engine alone: the rest need not fit the profile any
    /// more, and is not needed to end what runs.
    pub fn engine_alone(mut self) -> Self {
        self.overrides.retain(|setting| setting.starts_with("router.engine="));
        self.sandbox = None;
        self
    }
}
