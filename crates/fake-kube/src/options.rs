//! How the server is reached.

use std::{io, net::SocketAddr, sync::Arc};

use rustls::{
    RootCertStore, ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
};
use tokio_rustls::TlsAcceptor;

/// How the server is reached. By default over plain HTTP, by anybody.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Served with TLS, and with nothing else.
    pub tls: Option<Tls>,
    /// The bearer token without which every request is answered with 401.
    pub token: Option<String>,
    /// With [`tls`](Self::tls): the authority of the client certificate without
    /// which no connection is made.
    pub client_authority_pem: Option<String>,
    /// Where it listens; by default on any free port of 127.0.0.1.
    pub address: Option<SocketAddr>,
}

/// A certificate for `127.0.0.1`.
#[derive(Clone, Debug)]
pub struct Tls {
    /// The certificate, and those that it is signed with if it is not by
    /// itself. All of them are what the kubeconfig says to trust.
    pub certificate_pem: String,
    /// The private key of the first certificate.
    pub key_pem: String,
}

impl Options {
    /// What makes connections; none for plain HTTP.
    pub(crate) fn acceptor(&self) -> io::Result<Option<TlsAcceptor>> {
        let Some(tls) = &self.tls else { return Ok(None) };
        let provider = Arc::new(ring::default_provider());
        let clients = match &self.client_authority_pem {
            Some(authority) => signed_by(authority, &provider)?,
            None => WebPkiClientVerifier::no_client_auth(),
        };
        let key = PrivateKeyDer::from_pem_slice(tls.key_pem.as_bytes()).map_err(io::Error::other)?;
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_client_cert_verifier(clients)
            .with_single_cert(certificates(&tls.certificate_pem)?, key)
            .map_err(io::Error::other)?;
        Ok(Some(TlsAcceptor::from(Arc::new(config))))
    }
}

fn signed_by(authority: &str, provider: &Arc<CryptoProvider>) -> io::Result<Arc<dyn ClientCertVerifier>> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(authority)? {
        roots.add(certificate).map_err(io::Error::other)?;
    }
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
    verifier.build().map_err(io::Error::other)
}

fn certificates(pem: &str) -> io::Result<Vec<CertificateDer<'static>>> {
    CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().map_err(io::Error::other)
}
