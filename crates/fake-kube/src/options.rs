//! How the server is reached.

use std::{io, net::SocketAddr, sync::Arc};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio_rustls::TlsAcceptor;

/// How the server is reached. By default over plain HTTP, by anybody.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Served with TLS, and with nothing else.
    pub tls: Option<Tls>,
    /// The bearer token without which every request is answered with 401.
    pub token: Option<String>,
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

impl Tls {
    pub(crate) fn acceptor(&self) -> io::Result<TlsAcceptor> {
        let certificates = CertificateDer::pem_slice_iter(self.certificate_pem.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .map_err(io::Error::other)?;
        let key = PrivateKeyDer::from_pem_slice(self.key_pem.as_bytes()).map_err(io::Error::other)?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(certificates, key))
            .map_err(io::Error::other)?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}
