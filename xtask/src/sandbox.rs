//! The sandbox: names under an external domain, whose TLS ends at Traefik.
//!
//! Everything it is given is checked before anything is started.

mod authority;
mod certificate;
mod external;
pub mod file;
mod key;
pub mod pem;
mod plugins;
mod problems;
#[cfg(test)]
pub mod tests;
mod validity;

use std::path::Path;
use std::time::SystemTime;

use routing::{HostName, RoutingTable};

use self::authority::Authority;
use self::certificate::Certificate;
use self::external::External;
use self::key::Key;
use self::problems::Problems;
use crate::context::{Context, SandboxRequest};
use crate::failure::Failure;
use crate::profile::{Engine, Profile, SandboxProfile};
use crate::state::digest;

pub use self::external::Host;

/// The folder of the container that has [`Sandbox::files`]. On the host, what
/// is mounted there is for its owner alone.
pub const TLS_FOLDER: &str = "/etc/traefik/tls";
/// In [`TLS_FOLDER`]: the chain of the external names.
pub const CERTIFICATE: &str = "cert.pem";
/// In [`TLS_FOLDER`]: the key of the chain's first certificate.
pub const KEY: &str = "key.pem";
/// In [`TLS_FOLDER`]: the authorities of the internal names.
pub const AUTHORITY: &str = "ca.pem";

/// What of a sandbox is in the rendered files: names, and which files there are.
#[derive(Clone, Debug)]
pub struct Scheme {
    profile: SandboxProfile,
    external: External,
    authority: bool,
}

/// A sandbox that can be served. Its key is in no message, log or JSON.
#[derive(Debug)]
pub struct Sandbox {
    scheme: Scheme,
    certificate: Certificate,
    key: Key,
    authority: Option<Authority>,
}

impl Scheme {
    /// Looks at the names that are asked for, and at no file.
    pub fn new(profile: &Profile, request: &SandboxRequest) -> anyhow::Result<Self> {
        let sandbox = of(profile)?;
        let mut problems = Problems::default();
        match problems.usage(External::new(&request.domain, profile, sandbox)) {
            Some(external) => {
                Ok(Self { profile: sandbox.clone(), external, authority: request.authority.is_some() })
            }
            None => Err(problems.into_failure().into()),
        }
    }

    /// The external domain.
    pub fn domain(&self) -> &HostName {
        &self.external.domain
    }

    /// The domain that the internal names end in.
    pub fn internal_domain(&self) -> &HostName {
        &self.external.internal
    }

    /// What the profile says of it.
    pub fn profile(&self) -> &SandboxProfile {
        &self.profile
    }

    /// Whether `--ca` was given.
    pub fn has_authority(&self) -> bool {
        self.authority
    }

    /// The names served: for each exact host that the sandbox's route has
    /// under the internal domain, one under the external.
    pub fn hosts(&self, table: &RoutingTable) -> Vec<Host> {
        self.external.hosts(table)
    }
}

impl Sandbox {
    /// Reads the files, once, and checks all that was asked for. Everything
    /// wrong is told in one failure: exit status 2 if the domain is, else 3.
    pub fn check(cx: &Context, request: &SandboxRequest) -> anyhow::Result<Self> {
        Self::check_at(cx.profile()?, cx.root(), request, SystemTime::now())
    }

    fn check_at(
        profile: &Profile,
        root: &Path,
        request: &SandboxRequest,
        now: SystemTime,
    ) -> anyhow::Result<Self> {
        let sandbox = of(profile)?;
        let table = profile.table(profile.listed_hosts(), &[].into())?;
        let mut problems = Problems::default();
        let external = problems.usage(External::new(&request.domain, profile, sandbox));
        let certificate = problems.unusable(Certificate::read(&request.certificate));
        let key = problems.unusable(Key::read(&request.key));
        let authority = request.authority.as_deref();
        let authority = authority.and_then(|path| problems.unusable(Authority::read(path)));
        if let Some(external) = &external {
            problems.all_usage(external.clashes(&table));
        }
        if let Some(certificate) = &certificate {
            let hosts = external.iter().flat_map(|external| external.hosts(&table));
            problems.all_unusable(certificate.trouble(now));
            problems.all_unusable(certificate.lacking(hosts.map(|host| host.external)));
            problems.all_unusable(key.as_ref().and_then(|key| certificate.mismatch(key)));
        }
        problems.all_unusable(authority.iter().flat_map(|authority| authority.trouble(now)));
        problems.all_unusable(plugins::missing(&sandbox.plugins, root));
        match (external, certificate, key) {
            (Some(external), Some(certificate), Some(key)) if problems.is_empty() => {
                let scheme = Scheme { profile: sandbox.clone(), external, authority: authority.is_some() };
                Ok(Self { scheme, certificate, key, authority })
            }
            _ => Err(problems.into_failure().into()),
        }
    }

    /// What of it is rendered.
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// What of the table cannot be served as it should: the list of hosts may
    /// have changed since the check. Each is a warning by itself.
    pub fn warnings(&self, table: &RoutingTable) -> Vec<String> {
        let external = &self.scheme.external;
        let names = external.hosts(table).into_iter().map(|host| host.external);
        let mut warnings = external.unserved(table);
        warnings.extend(external.clashes(table));
        warnings.extend(self.certificate.lacking(names));
        warnings
    }

    /// The content of [`TLS_FOLDER`]: names and what was read and checked.
    pub fn files(&self) -> Vec<(&'static str, &[u8])> {
        let mut files = vec![(CERTIFICATE, self.certificate.content()), (KEY, self.key.content())];
        files.extend(self.authority.as_ref().map(|authority| (AUTHORITY, authority.content())));
        files
    }

    /// Tells one set of public files from another; the key belongs to its certificate.
    pub fn fingerprint(&self) -> u64 {
        let authority = self.authority.as_ref().map_or(&[][..], Authority::content);
        digest(&[self.certificate.content(), authority].concat())
    }
}

/// The sandbox of a profile that can have one.
fn of(profile: &Profile) -> Result<&SandboxProfile, Failure> {
    let router = profile.router()?;
    let help = "choose a profile with a sandbox: `--profile coder`";
    let sandbox = profile.sandbox.as_ref().ok_or_else(|| {
        Failure::usage(format!("profile `{}` has no table `[sandbox]`", profile.name)).help(help)
    })?;
    match router.engine {
        Engine::Traefik(_) => Ok(sandbox),
        Engine::Embedded => Err(Failure::usage(
            "the engine `embedded` passes TLS through and cannot end it for an external domain",
        )
        .help("choose the engine `traefik`: `--set router.engine=traefik`")),
    }
}
