//! Asks a server by HTTPS whether it is ready.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A server, and how it says so.
pub struct Question<'a> {
    /// Where it is.
    pub address: SocketAddr,
    /// The file of the certificates to trust.
    pub authority: &'a Path,
    /// What is asked for.
    pub path: &'a str,
    /// The bearer token to show, if any.
    pub token: Option<&'a str>,
}

/// Whether it answers with 200. An error means that it is not that far yet.
pub fn is_ready(question: &Question) -> anyhow::Result<bool> {
    let Question { address, authority, path, token } = *question;
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(authority)? {
        roots.add(certificate?)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config =
        builder.context("no TLS version to speak")?.with_root_certificates(roots).with_no_client_auth();
    let connection = ClientConnection::new(Arc::new(config), ServerName::from(address.ip()))?;
    let mut stream = StreamOwned::new(connection, stream);
    let authorization = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n{authorization}\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer.starts_with(b"HTTP/1.0 200 "))
}
