//! Looks at what answers behind an address: a real TLS handshake, or plain text.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use routing::HostName;
use rustls::ClientConfig;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, SignatureScheme};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// How long the other side may take to close, too.
const LEAVE: Duration = Duration::from_millis(250);
/// What no TLS client would send.
const PLAIN_TEXT: &[u8] = b"GET / HTTP/1.0\r\n\r\n";

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A server that holds this certificate's key.
    Certificate(CertificateDer<'static>),
    /// The connection was closed without a byte.
    Closed,
    /// Neither; the text says what.
    Other(String),
}

/// Makes handshakes that trust any certificate: the point is to see who is
/// there, and nothing is sent after the handshake.
#[derive(Clone)]
pub struct Prober {
    connector: TlsConnector,
    patience: Duration,
}

impl Prober {
    /// A prober with the program's own TLS settings; one handshake may take as
    /// long as `patience`.
    pub fn new(patience: Duration) -> anyhow::Result<Self> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider));
        let builder = builder.with_safe_default_protocol_versions().context("no TLS version to speak")?;
        let verifier = Arc::new(AnyCertificate(provider));
        let config = builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), patience })
    }

    /// Shakes hands with `address`, asking for `sni`.
    pub async fn handshake(&self, address: SocketAddr, sni: Option<&HostName>) -> Seen {
        // rustls sends no SNI for an address (RFC 6066, section 3, forbids it).
        let nameless = || ServerName::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST).into());
        let name = match sni.map(|name| ServerName::try_from(name.as_str().to_owned())) {
            None => nameless(),
            Some(Ok(name)) => name,
            Some(Err(error)) => return Seen::Other(error.to_string()),
        };
        let shaken = async {
            let stream = TcpStream::connect(address).await?;
            let mut stream = self.connector.connect(name, stream).await?;
            let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
            let leaf = certificates.first().map(|leaf| leaf.clone().into_owned());
            let leaf = leaf.ok_or_else(|| io::Error::other("the server showed no certificate"))?;
            take_leave(&mut stream).await;
            Ok(leaf)
        };
        Seen::of(
            tokio::time::timeout(self.patience, shaken).await.map(|shaken| shaken.map(Seen::Certificate)),
        )
    }

    /// Sends plain text where TLS is expected.
    pub async fn intrude(&self, address: SocketAddr) -> Seen {
        let intruded = async {
            let mut stream = TcpStream::connect(address).await?;
            stream.write_all(PLAIN_TEXT).await?;
            let mut answer = [0; 64];
            match stream.read(&mut answer).await? {
                0 => Ok(Seen::Closed),
                count => Ok(Seen::Other(format!("it answered {count} bytes"))),
            }
        };
        Seen::of(tokio::time::timeout(self.patience, intruded).await)
    }
}

/// Closes as TLS wants it and reads what is still on its way (session tickets),
/// so that the other side sees an end and no reset. The answer is known by
/// now, so nothing that goes wrong here matters.
async fn take_leave(stream: &mut TlsStream<TcpStream>) {
    let mut rest = Vec::new();
    let _ = stream.shutdown().await;
    let _ = tokio::time::timeout(LEAVE, stream.read_to_end(&mut rest)).await;
}

impl Seen {
    fn of(result: Result<io::Result<Self>, tokio::time::error::Elapsed>) -> Self {
        match result {
            Ok(Ok(seen)) => seen,
            Ok(Err(error)) => match error.kind() {
                io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
                    Self::Closed
                }
                _ => Self::Other(error.to_string()),
            },
            Err(_) => Self::Other("no answer".to_owned()),
        }
    }

    /// The certificate, if one was shown.
    pub fn certificate(self) -> Option<CertificateDer<'static>> {
        match self {
            Self::Certificate(leaf) => Some(leaf),
            Self::Closed | Self::Other(_) => None,
        }
    }

    /// For people: the certificate's subject, or what happened instead.
    pub fn describe(&self) -> String {
        match self {
            Self::Certificate(leaf) => {
                subject(leaf).unwrap_or_else(|| "a certificate without a subject".to_owned())
            }
            Self::Closed => "closed".to_owned(),
            Self::Other(what) => what.clone(),
        }
    }
}

/// The common name, else the whole subject, else the first name it is for.
fn subject(leaf: &CertificateDer<'_>) -> Option<String> {
    let (_, certificate) = x509_parser::parse_x509_certificate(leaf).ok()?;
    let subject = certificate.subject();
    let common = subject.iter_common_name().find_map(|name| name.as_str().ok()).map(str::to_owned);
    let printed = |text: String| Some(text).filter(|text| !text.is_empty());
    common.or_else(|| printed(subject.to_string())).map(|text| printable(&text))
}

/// A certificate may hold anything; a terminal must not obey it.
fn printable(text: &str) -> String {
    text.chars().map(|it| if it.is_control() { '\u{fffd}' } else { it }).take(64).collect()
}

/// Takes any certificate whose key the server holds.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
