//! Flags of those verbs that start the router.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::context::{Context, SandboxRequest};
use crate::failure::Failure;
use crate::profile::Engine;
use crate::profile::LogLevel;

/// A sandbox: names under an external domain, whose TLS ends at Traefik.
#[derive(clap::Args, Debug)]
pub struct SandboxArgs {
    /// End TLS for the names under this domain, and go on to the internal ones
    #[arg(long, value_name = "DOMAIN", requires = "tls_cert", requires = "tls_key")]
    external_domain: Option<String>,
    /// Certificate chain of the external names, in PEM
    #[arg(long, value_name = "FILE", requires = "external_domain")]
    tls_cert: Option<PathBuf>,
    /// Key of that certificate, in PEM, not encrypted
    #[arg(long, value_name = "FILE", requires = "external_domain")]
    tls_key: Option<PathBuf>,
    /// Authorities of the internal names, in PEM [default: those of the image]
    #[arg(long, value_name = "FILE", requires = "external_domain")]
    ca: Option<PathBuf>,
}

/// Shorter ways to override what the profile says of the router.
#[derive(clap::Args, Debug)]
pub struct Settings {
    /// Engine to use [default: the profile's]
    #[arg(long, value_parser = ["traefik", "embedded"])]
    engine: Option<String>,
    /// Traefik's image [default: the profile's]
    #[arg(long, value_name = "IMAGE")]
    image: Option<String>,
    /// The least weight of what Traefik logs [default: the profile's]
    #[arg(long, value_name = "LEVEL", value_parser = LogLevel::ALL.map(|level| level.to_string()))]
    log_level: Option<String>,
    /// Let Traefik log HTTP requests, too
    #[arg(long)]
    access_log: bool,
}

impl Settings {
    /// As `--set` would say it.
    pub fn overrides(&self) -> Vec<String> {
        let engine = self.engine.iter().map(|engine| format!("router.engine={engine}"));
        let image = self.image.iter().map(|image| format!("router.image={image}"));
        let level = self.log_level.iter().map(|level| format!("router.log_level={level}"));
        let access_log = self.access_log.then(|| "router.access_log=true".to_owned());
        engine.chain(image).chain(level).chain(access_log).collect()
    }
}

impl Settings {
    /// Refuses what the engine of the profile has not.
    pub fn check(&self, cx: &Context) -> anyhow::Result<()> {
        let given = [
            ("--image", self.image.is_some()),
            ("--log-level", self.log_level.is_some()),
            ("--access-log", self.access_log),
        ];
        match (&cx.profile()?.router()?.engine, given.into_iter().find(|(_, given)| *given)) {
            (Engine::Embedded, Some((flag, _))) => {
                let message = format!("`{flag}` is a matter of Traefik, and the engine is `embedded`");
                Err(Failure::usage(message).help("leave it out, or add `--engine traefik`").into())
            }
            _ => Ok(()),
        }
    }
}

impl SandboxArgs {
    /// What is asked for, with paths that hold wherever later calls are made.
    pub fn request(self) -> anyhow::Result<Option<SandboxRequest>> {
        let (Some(domain), Some(certificate), Some(key)) =
            (self.external_domain, self.tls_cert, self.tls_key)
        else {
            return Ok(None);
        };
        let absolute = |path: PathBuf| {
            std::path::absolute(&path).with_context(|| format!("cannot find `{}`", path.display()))
        };
        let authority = self.ca.map(absolute).transpose()?;
        let (certificate, key) = (absolute(certificate)?, absolute(key)?);
        Ok(Some(SandboxRequest { domain, certificate, key, authority }))
    }
}
