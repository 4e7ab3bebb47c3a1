//! Whom a server's certificate must come from.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use crate::context::Context;
use crate::failure::Failure;

/// Longest file with certificates, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// Whom a server's certificate must come from.
#[derive(Clone, Debug)]
pub enum Trust {
    /// The authorities that this machine trusts.
    System,
    /// These certificates alone. The name in one and its time must be right in
    /// each case.
    Certificates {
        /// Those of authorities, which sign others.
        authorities: Vec<CertificateDer<'static>>,
        /// Those that a server may show itself, byte for byte.
        exact: Vec<CertificateDer<'static>>,
    },
}

impl Trust {
    /// The certificates in PEM that were given to be trusted: of authorities,
    /// or a server's own. Says why not, to go on after `holds`, when there is
    /// none or one cannot be read.
    pub fn of_pem(text: &[u8]) -> Result<Self, &'static str> {
        let exact = certificates(text)?;
        let authorities = exact.iter().filter(|der| parse(der).is_some_and(|it| signs_others(&it)));
        Ok(Self::Certificates { authorities: authorities.cloned().collect(), exact })
    }

    /// The certificates in the file that a `flag` names.
    pub fn of_file(cx: &Context, flag: &str, path: &Path) -> anyhow::Result<Self> {
        let shown = cx.shown(path);
        let help = "give the certificate of the server's authority, or its own, in PEM";
        let mut text = Vec::new();
        let read = File::open(path).and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut text));
        read.with_context(|| Failure::usage(format!("cannot read `{shown}` of `{flag}`")).help(help))?;
        let trust = if text.len() as u64 > MAX_FILE { Err("more than 1 MiB") } else { Self::of_pem(&text) };
        trust
            .map_err(|holds| Failure::usage(format!("`{shown}` of `{flag}` holds {holds}")).help(help).into())
    }

    /// Exactly the first certificate in PEM, which is the server's own where
    /// one has its chain behind it. It signs no other, whatever it says of itself.
    pub fn exactly(text: &[u8]) -> Result<Self, &'static str> {
        let mut exact = certificates(text)?;
        exact.truncate(1);
        Ok(Self::Certificates { authorities: Vec::new(), exact })
    }
}

/// One at least; what else is in there, such as a key, is passed over.
fn certificates(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, &'static str> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
    let certificates = certificates.map_err(|_| "certificates that are damaged, or cut short")?;
    if certificates.is_empty() {
        return Err("no certificate in PEM");
    }
    if certificates.iter().any(|der| parse(der).is_none()) {
        return Err("something that is called a certificate and is none");
    }
    Ok(certificates)
}

/// Whether it is an authority's. One that does not say what its key is for,
/// as every authority's should (RFC 5280, 4.2.1.3), and that names servers is
/// such a server's own, signed by itself: `openssl req -x509` makes those.
fn signs_others(certificate: &X509Certificate<'_>) -> bool {
    certificate.is_ca()
        && match certificate.key_usage() {
            Ok(Some(usage)) => usage.value.key_cert_sign(),
            Ok(None) => matches!(certificate.subject_alternative_name(), Ok(None)),
            Err(_) => false,
        }
}

/// A certificate; `None` if it is none, or not it alone.
pub fn parse<'a>(der: &'a CertificateDer<'_>) -> Option<X509Certificate<'a>> {
    X509Certificate::from_der(der).ok().filter(|(rest, _)| rest.is_empty()).map(|(_, parsed)| parsed)
}
