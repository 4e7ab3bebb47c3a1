//! The authorities of the internal names.

use std::path::Path;
use std::time::SystemTime;

use rustls::pki_types::CertificateDer;

use super::file::File;
use super::{pem, validity};

/// Certificates of authorities; at least one.
#[derive(Debug)]
pub struct Authority {
    file: File,
    certificates: Vec<CertificateDer<'static>>,
}

impl Authority {
    /// Reads `--ca`.
    pub fn read(path: &Path) -> Result<Self, String> {
        let file = File::read("--ca", path)?;
        let certificates = pem::certificates(&file)?;
        Ok(Self { file, certificates })
    }

    /// What keeps its certificates from being trusted.
    pub fn trouble(&self, now: SystemTime) -> Vec<String> {
        let mut found = Vec::new();
        for (position, der) in self.certificates.iter().enumerate() {
            let Some(certificate) = pem::parse(der) else { continue };
            let mut say = |what: &str| {
                found.push(
                    self.file.say(format_args!("holds a certificate, number {}, that {what}", position + 1)),
                );
            };
            if !certificate.is_ca() {
                say("is not an authority's");
            }
            if let Some(what) = validity::trouble(&certificate, now) {
                say(&what);
            }
        }
        found
    }

    pub fn content(&self) -> &[u8] {
        self.file.content()
    }
}
