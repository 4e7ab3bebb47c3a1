//! The certificate of the external names.

use std::path::Path;
use std::time::SystemTime;

use routing::{HostName, HostPattern};
use rustls::pki_types::CertificateDer;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;

use super::file::File;
use super::key::Key;
use super::{pem, validity};
use crate::near::first_of;

/// How many of the names that it lacks a message shows.
const SHOWN: usize = 3;

/// A chain with the certificate of the names first.
#[derive(Debug)]
pub struct Certificate {
    file: File,
    chain: Vec<CertificateDer<'static>>,
    /// The DNS names of the first certificate.
    names: Vec<HostPattern>,
}

impl Certificate {
    /// Reads `--tls-cert`.
    pub fn read(path: &Path) -> Result<Self, String> {
        let file = File::read("--tls-cert", path)?;
        let chain = pem::certificates(&file)?;
        let names = chain.first().and_then(pem::parse).map(|leaf| names(&leaf)).unwrap_or_default();
        Ok(Self { file, chain, names })
    }

    /// What keeps a server from using it `now` and for a day.
    pub fn trouble(&self, now: SystemTime) -> Vec<String> {
        let mut found = Vec::new();
        for (position, certificate) in self.chain.iter().filter_map(pem::parse).enumerate() {
            let what = validity::trouble(&certificate, now);
            found.extend(what.map(|what| match position {
                0 => self.file.say(what),
                _ => self.file.say(format_args!("has a certificate, number {}, that {what}", position + 1)),
            }));
        }
        let first = self.chain.first().and_then(pem::parse);
        if first.is_some_and(|leaf| !is_for_servers(&leaf)) {
            found.push(self.file.say("is not for servers: its extended key usage has no `serverAuth`"));
        }
        found
    }

    /// Says which of the names it does not cover, if any.
    pub fn lacking(&self, wanted: impl IntoIterator<Item = HostName>) -> Option<String> {
        let covered = |name: &HostName| self.names.iter().any(|pattern| pattern.matches(Some(name)));
        let lacking: Vec<HostName> = wanted.into_iter().filter(|name| !covered(name)).collect();
        if lacking.is_empty() {
            return None;
        }
        let shown = first_of(SHOWN, lacking.iter().map(|name| format!("`{name}`")));
        let own = match self.names.len() {
            0 => "it has no DNS names".to_owned(),
            _ => format!("it is for {}", listed(&self.names)),
        };
        Some(self.file.say(format_args!("does not cover {shown}; {own}")))
    }

    /// Says that `key` is not its key, if so.
    pub fn mismatch(&self, key: &Key) -> Option<String> {
        let own = |certificate: X509Certificate<'_>| certificate.public_key().raw == key.public();
        let mut chain = self.chain.iter();
        match chain.position(|der| pem::parse(der).is_some_and(own)) {
            Some(0) => None,
            Some(later) => {
                let message = format!(
                    "must begin with the certificate of the key, which is number {} in it",
                    later + 1
                );
                Some(self.file.say(message))
            }
            None => Some(format!("{} is not the key of {}", key.name(), self.file.name())),
        }
    }

    pub fn content(&self) -> &[u8] {
        self.file.content()
    }
}

/// Those of its DNS names that a host can have. Clients look at no other
/// names, not at the subject's either (RFC 9525, section 2).
fn names(leaf: &X509Certificate<'_>) -> Vec<HostPattern> {
    let extension = leaf.subject_alternative_name().ok().flatten();
    let names = extension.iter().flat_map(|it| &it.value.general_names);
    let read = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(text) => HostPattern::parse(text).ok().filter(|it| *it != HostPattern::Any),
        _ => None,
    };
    names.filter_map(read).collect()
}

/// A certificate that names no use is for all (RFC 5280, section 4.2.1.12).
fn is_for_servers(leaf: &X509Certificate<'_>) -> bool {
    match leaf.extended_key_usage() {
        Ok(Some(usage)) => usage.value.server_auth || usage.value.any,
        Ok(None) => true,
        Err(_) => false,
    }
}

fn listed<T: std::fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| format!("`{item}`")).collect::<Vec<_>>().join(", ")
}
