//! Certificates, as a client with rustls sees them.
#![allow(clippy::unwrap_used, reason = "tests panic")]

mod common;

use common::LIMIT;
use fake_gitea::{Certificate, FakeGitea, Options};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, Error, RootCertStore, crypto::ring,
    pki_types::ServerName,
};
use std::{net::TcpStream, sync::Arc};

/// What the handshake of a client that trusts this comes to.
fn handshake(certificate: &Certificate, trusted: &str, name: &str) -> Result<(), Error> {
    let options = Options { certificate: Some(certificate.clone()), ..Options::default() };
    let gitea = FakeGitea::start_with(options).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(trusted.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let mut connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = TcpStream::connect(gitea.url().trim_start_matches("https://")).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    while connection.is_handshaking() {
        if let Err(error) = connection.complete_io(&mut stream) {
            return Err(*error.into_inner().unwrap().downcast::<Error>().unwrap());
        }
    }
    Ok(())
}

fn refusal(certificate: &Certificate, trusted: &str) -> CertificateError {
    match handshake(certificate, trusted, "127.0.0.1") {
        Err(Error::InvalidCertificate(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_signed_certificate_is_trusted_by_its_authority() {
    let certificate = Certificate::signed();
    for name in ["127.0.0.1", "localhost", "gitea-http.gitea.svc.cluster.local"] {
        handshake(&certificate, certificate.authority_pem(), name).unwrap();
    }
    let other = Certificate::signed();
    assert_eq!(refusal(&certificate, other.authority_pem()), CertificateError::BadSignature);
}

#[test]
fn a_self_signed_authority_is_no_server_although_it_is_trusted() {
    let certificate = Certificate::self_signed_authority();
    let why = refusal(&certificate, certificate.authority_pem());
    assert!(format!("{why:?}").contains("CaUsedAsEndEntity"), "{why:?}");
    assert_eq!(certificate.leaf_pem(), certificate.authority_pem());
}

#[test]
fn bad_certificates_are_bad() {
    let expired = Certificate::expired();
    assert!(matches!(refusal(&expired, expired.authority_pem()), CertificateError::ExpiredContext { .. }));
    let other = Certificate::for_name("gitea.example.com");
    assert!(matches!(
        refusal(&other, other.authority_pem()),
        CertificateError::NotValidForNameContext { .. }
    ));
    handshake(&other, other.authority_pem(), "gitea.example.com").unwrap();
}
