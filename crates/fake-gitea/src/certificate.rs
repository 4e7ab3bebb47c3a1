//! Certificates, good and bad.

use std::{io, sync::Arc};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, Error, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio_rustls::TlsAcceptor;

/// The names that a Gitea in a cluster is reached by, there and from here.
const NAMES: [&str; 3] = ["127.0.0.1", "localhost", "gitea-http.gitea.svc.cluster.local"];

/// A certificate with its key, and what it is signed with; all in PEM.
#[derive(Clone, Debug)]
pub struct Certificate {
    leaf: String,
    key: String,
    authority: String,
}

impl Certificate {
    /// For `127.0.0.1`, `localhost` and `gitea-http.gitea.svc.cluster.local`,
    /// signed by an authority that nothing else is signed by.
    pub fn signed() -> Self {
        made(params(&NAMES).and_then(|leaf| signed(&leaf)))
    }

    /// Like [`signed`](Self::signed), but for this name alone.
    ///
    /// # Panics
    ///
    /// When that is no name.
    pub fn for_name(name: &str) -> Self {
        made(params(&[name]).and_then(|leaf| signed(&leaf)))
    }

    /// Like [`signed`](Self::signed), but no longer valid.
    pub fn expired() -> Self {
        let expired = params(&NAMES).and_then(|mut leaf| {
            leaf.not_before = date_time_ymd(2020, 1, 1);
            leaf.not_after = date_time_ymd(2021, 1, 1);
            signed(&leaf)
        });
        made(expired)
    }

    /// Like the certificate that EMF makes for its Gitea: signed by itself, and
    /// marked as an authority's. rustls does not take it for a server's, even
    /// where it is trusted.
    pub fn self_signed_authority() -> Self {
        let own = params(&NAMES).and_then(|mut leaf| {
            leaf.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            let key = KeyPair::generate()?;
            let leaf = leaf.self_signed(&key)?.pem();
            Ok(Self { authority: leaf.clone(), leaf, key: key.serialize_pem() })
        });
        made(own)
    }

    /// For the same names as [`signed`](Self::signed), signed with the key of
    /// this one: what nobody takes who trusts exactly this one.
    #[must_use]
    pub fn misused(&self) -> Self {
        let forged = params(&NAMES).and_then(|mut leaf| {
            let issuer = Issuer::new(params(&NAMES)?, KeyPair::from_pem(&self.key)?);
            leaf.distinguished_name.push(DnType::CommonName, "forged");
            let key = KeyPair::generate()?;
            let leaf = leaf.signed_by(&key, &issuer)?.pem();
            Ok(Self { leaf, key: key.serialize_pem(), authority: self.leaf.clone() })
        });
        made(forged)
    }

    /// What a client has to trust, in PEM.
    pub fn authority_pem(&self) -> &str {
        &self.authority
    }

    /// The server's own certificate, in PEM.
    pub fn leaf_pem(&self) -> &str {
        &self.leaf
    }

    /// What makes connections.
    pub(crate) fn acceptor(&self) -> io::Result<TlsAcceptor> {
        let chain = CertificateDer::pem_slice_iter(self.leaf.as_bytes()).collect::<Result<_, _>>();
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).map_err(io::Error::other)?;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(chain.map_err(io::Error::other)?, key)
            .map_err(io::Error::other)?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

fn params(names: &[&str]) -> Result<CertificateParams, Error> {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, "gitea");
    Ok(params)
}

fn signed(leaf: &CertificateParams) -> Result<Certificate, Error> {
    let mut authority = CertificateParams::default();
    authority.distinguished_name.push(DnType::CommonName, "authority of a fake Gitea");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let leaf = leaf.signed_by(&key, &authority)?.pem();
    Ok(Certificate { leaf, key: key.serialize_pem(), authority: authority.pem() })
}

#[expect(clippy::expect_used, reason = "a test that gets no certificate has nothing else to do")]
fn made(certificate: Result<Certificate, Error>) -> Certificate {
    certificate.expect("the names are names, and the system has random numbers")
}
