//! HTTPS servers that tell what they were asked, and a client that sees the
//! certificate.
#![allow(dead_code, reason = "each test crate uses a part of this")]

use std::fmt::Write as _;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned};

/// A connection that says nothing for so long is stuck.
const STUCK: Duration = Duration::from_secs(30);

/// Signs certificates.
pub struct Authority {
    certificate: rcgen::Certificate,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key.
pub struct Identity {
    pub certificate: rcgen::Certificate,
    pub key: KeyPair,
}

/// What a client got.
#[derive(Debug)]
pub struct Answer {
    pub certificate: CertificateDer<'static>,
    pub status: u16,
    pub headers: String,
    pub body: String,
}

impl Authority {
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self { certificate: params.self_signed(&key).unwrap(), issuer: Issuer::new(params, key) }
    }

    pub fn pem(&self) -> String {
        self.certificate.pem()
    }

    pub fn identity(&self, names: &[&str]) -> Identity {
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let params = CertificateParams::new(names).unwrap();
        Identity { certificate: params.signed_by(&key, &self.issuer).unwrap(), key }
    }

    /// Asks for `path` of `host` with the SNI `sni`.
    pub fn get(&self, address: SocketAddr, sni: &str, host: &str, path: &str) -> io::Result<Answer> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = sni.to_owned().try_into().unwrap();
        let connection = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(STUCK))?;
        let mut tls = StreamOwned::new(connection, stream);
        write!(
            tls,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
        )?;
        let mut text = String::new();
        tls.read_to_string(&mut text)?;
        let certificate = tls.conn.peer_certificates().unwrap()[0].clone().into_owned();
        let (headers, body) = text.split_once("\r\n\r\n").ok_or(io::ErrorKind::InvalidData)?;
        let status = headers.split(' ').nth(1).unwrap().parse().unwrap();
        Ok(Answer { certificate, status, headers: headers.to_owned(), body: body.to_owned() })
    }
}

/// Serves on a free port until the test ends. An answer tells the SNI and the
/// request's head, where it was answered, and names hosts.
pub fn serve(identity: &Identity) -> SocketAddr {
    serve_at((Ipv4Addr::LOCALHOST, 0).into(), identity)
}

/// The same at this address.
pub fn serve_at(wanted: SocketAddr, identity: &Identity) -> SocketAddr {
    let key = PrivateKeyDer::try_from(identity.key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![identity.certificate.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind(wanted).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let config = Arc::clone(&config);
            // What goes wrong here is for the client to tell.
            thread::spawn(move || answer(stream, config));
        }
    });
    address
}

fn answer(stream: TcpStream, config: Arc<ServerConfig>) -> io::Result<()> {
    stream.set_read_timeout(Some(STUCK))?;
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut tls = BufReader::new(StreamOwned::new(connection, stream));
    let mut body = String::from("https://keycloak.kind.internal/ kindxinternal\n");
    let mut line = String::new();
    while tls.read_line(&mut line)? > 2 {
        // Names in it are left as they are by whatever rewrites names.
        let _ = writeln!(body, "{}", line.trim().replace(".internal", "(internal)"));
        line.clear();
    }
    let mut tls = tls.into_inner();
    let _ = writeln!(body, "At: {}", tls.sock.local_addr()?);
    let _ = writeln!(
        body,
        "SNI: {}",
        tls.conn.server_name().unwrap_or("none").replace(".internal", "(internal)")
    );
    write!(
        tls,
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nContent-Security-Policy: connect-src https://*.kind.internal kindxinternal\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )?;
    tls.conn.send_close_notify();
    tls.flush()
}
