//! Where releases are published, as flags.

use std::path::PathBuf;

use clap::{Args as _, Command, Id};

use crate::profile::{Profile, Variant};
use crate::registry::Access;

use super::fetch::Published;

/// Where releases are published, where it is not as the profile says.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Release Service options")]
pub struct RegistryFlags {
    /// Which kind [default: the profile's]
    #[arg(long, value_enum, value_name = "VARIANT")]
    variant: Option<Variant>,
    /// The registry [default: the profile's]
    #[arg(long, value_name = "HOST[:PORT]")]
    registry: Option<String>,
    /// The folder of repositories there, one for each variant [default: the profile's]
    #[arg(long, value_name = "PATH", value_parser = crate::profile::repository)]
    registry_repository: Option<String>,
    /// Speak to it without TLS, if it is on this machine
    #[arg(long)]
    registry_plain_http: bool,
    /// Certificates that it must have, in PEM [default: those that this machine trusts]
    #[arg(long, value_name = "FILE")]
    registry_ca: Option<PathBuf>,
    /// `user:password`, or a configuration of Docker's client [default: that of its client]
    #[arg(long, value_name = "FILE")]
    registry_credentials: Option<PathBuf>,
}

impl RegistryFlags {
    /// What the parser calls them: a flag that lets nothing be fetched conflicts with each.
    pub fn ids() -> Vec<Id> {
        let alone = Self::augment_args(Command::new(""));
        alone.get_arguments().map(|flag| flag.get_id().clone()).collect()
    }

    /// What they say, and the profile.
    pub fn published<'a>(&'a self, profile: &'a Profile) -> anyhow::Result<Published<'a>> {
        let tarball = profile.tarball()?;
        let access = Access {
            host: self.registry.as_deref().unwrap_or(&tarball.registry),
            plain: self.registry_plain_http,
            ca: self.registry_ca.as_deref(),
            credentials: self.registry_credentials.as_deref(),
        };
        let folder = self.registry_repository.as_deref().unwrap_or(&tarball.repository);
        Ok(Published { access, folder, variant: self.variant.unwrap_or(tarball.variant) })
    }
}
