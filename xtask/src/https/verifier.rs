//! The verification of a server's certificate.

use std::sync::Arc;

use anyhow::Context as _;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme};

use super::trust::parse;
use super::untrusted::in_time;
use super::{Trust, Untrusted};
use crate::failure::Failure;

/// By authorities, and by exact certificates. A self-signed certificate of a
/// server that calls itself an authority is none that webpki would take, even
/// as its own root (`CaUsedAsEndEntity`), so it is compared as a whole.
#[derive(Debug)]
pub struct Verifier {
    /// `None`: there are no authorities.
    authorities: Option<Arc<WebPkiServerVerifier>>,
    exact: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    pub fn new(trust: &Trust, provider: &Arc<CryptoProvider>) -> anyhow::Result<Self> {
        let (roots, exact) = match trust {
            Trust::System => (system()?, Vec::new()),
            // Where webpki is given a certificate as a root it does not ask
            // whether that one may sign others.
            Trust::Certificates { authorities, exact } => (authorities.clone(), exact.clone()),
        };
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(roots);
        let authorities = (!store.is_empty()).then(|| {
            WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider)).build()
        });
        let authorities = authorities.transpose().context("cannot use the trusted certificates")?;
        Ok(Self { authorities, exact, provider: Arc::clone(provider) })
    }

    fn is_exact(&self, certificate: &CertificateDer<'_>) -> bool {
        self.exact.iter().any(|one| one.as_ref() == certificate.as_ref())
    }
}

/// Those that cannot be read are passed over, as every client does.
fn system() -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        let help = "install them (package `ca-certificates`), or name the server's with `--ca FILE`";
        return Err(Failure::missing("this machine has no certificates of authorities").help(help).into());
    }
    Ok(found.certs)
}

fn exactly(certificate: &CertificateDer<'_>, server: &ServerName<'_>, now: UnixTime) -> Result<(), Error> {
    let leaf = parse(certificate).ok_or(Error::InvalidCertificate(CertificateError::BadEncoding))?;
    in_time(&leaf, now).map_err(rejected)?;
    verify_server_name(&ParsedCertificate::try_from(certificate)?, server)
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = match &self.authorities {
            _ if self.is_exact(certificate) => {
                exactly(certificate, server, now).map(|()| ServerCertVerified::assertion())
            }
            Some(webpki) => webpki.verify_server_cert(certificate, intermediates, server, ocsp, now),
            None => Err(CertificateError::UnknownIssuer.into()),
        };
        verified.map_err(|error| match error {
            Error::InvalidCertificate(CertificateError::Other(OtherError(inner)))
                if inner.is::<Untrusted>() =>
            {
                CertificateError::Other(OtherError(inner)).into()
            }
            other => rejected(Untrusted::of(&other, certificate, server, now)),
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// With the reason inside, for whoever reports it.
fn rejected(why: Untrusted) -> Error {
    CertificateError::Other(OtherError(Arc::new(why))).into()
}
