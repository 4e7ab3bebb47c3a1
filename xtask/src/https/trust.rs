//! Whom a server's certificate must come from.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// Whom a server's certificate must come from.
#[derive(Clone, Debug)]
pub enum Trust {
    /// The authorities that this machine trusts.
    System,
    /// These certificates alone: those of authorities, which sign others; and
    /// those of servers, which are trusted as they are, byte for byte. A
    /// self-signed one may be either. The name in it and its time must be
    /// right in each case.
    Certificates(Vec<CertificateDer<'static>>),
}

impl Trust {
    /// The certificates in PEM; what else is in there, such as a key, is
    /// passed over. Says why not, to go on after `holds`, when there is none
    /// or one cannot be read.
    pub fn of_pem(text: &[u8]) -> Result<Self, &'static str> {
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
        let certificates = certificates.map_err(|_| "certificates that are damaged, or cut short")?;
        if certificates.is_empty() {
            return Err("no certificate in PEM");
        }
        if certificates.iter().any(|der| parse(der).is_none()) {
            return Err("something that is called a certificate and is none");
        }
        Ok(Self::Certificates(certificates))
    }
}

/// A certificate; `None` if it is none, or not it alone.
pub fn parse<'a>(der: &'a CertificateDer<'_>) -> Option<X509Certificate<'a>> {
    X509Certificate::from_der(der).ok().filter(|(rest, _)| rest.is_empty()).map(|(_, parsed)| parsed)
}
