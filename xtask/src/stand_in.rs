//! A stand-in for a load balancer service: a real TLS server that says who it is.

pub mod certificates;
mod role;

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

pub use role::{Role, roles};

use crate::context::Context;
use crate::daemon::{Log, Service, Verb};

/// How long a client may take for its handshake and its request.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest request head that is read, in bytes.
const MAX_HEAD: usize = 16 << 10;

/// What a stand-in is given.
#[derive(Debug, Serialize, Deserialize)]
pub struct Config {
    /// The service that it stands for, such as `argocd/argocd-server`.
    pub service: String,
    /// The address that it listens on.
    pub bind: IpAddr,
    /// One listener for each route that leads here.
    pub listeners: Vec<ListenerConfig>,
    /// Changes when the certificates do.
    pub fingerprint: String,
}

/// A listener and the identity it shows.
#[derive(Debug, Serialize, Deserialize)]
pub struct ListenerConfig {
    /// The route that leads to it; also the certificate's subject.
    pub route: String,
    /// PEM file.
    pub certificate: PathBuf,
    /// PEM file.
    pub key: PathBuf,
}

/// What a stand-in tells of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StandInStatus {
    /// The service that it stands for.
    pub service: String,
    /// From [`Config::fingerprint`].
    pub fingerprint: String,
    /// Where it listens.
    pub listeners: Vec<ListenerStatus>,
}

/// One listener of a stand-in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListenerStatus {
    /// The route that leads to it.
    pub route: String,
    /// Where it listens.
    pub address: SocketAddr,
    /// Handshakes completed.
    pub handshakes: u64,
}

/// The running stand-in.
#[derive(Debug)]
pub struct StandIn {
    service: String,
    fingerprint: String,
    listeners: Vec<Arc<Listener>>,
}

#[derive(Debug)]
struct Listener {
    route: String,
    address: SocketAddr,
    handshakes: AtomicU64,
}

impl Service for StandIn {
    type Config = Config;

    fn start(_: &Context, config: Config, _: &Log) -> anyhow::Result<Self> {
        let mut listeners = Vec::new();
        for listener in &config.listeners {
            listeners.push(start_listener(&config, listener)?);
        }
        Ok(Self { service: config.service, fingerprint: config.fingerprint, listeners })
    }

    fn status(&self) -> anyhow::Result<Value> {
        let listener = |it: &Arc<Listener>| ListenerStatus {
            route: it.route.clone(),
            address: it.address,
            handshakes: it.handshakes.load(Ordering::Relaxed),
        };
        let status = StandInStatus {
            service: self.service.clone(),
            fingerprint: self.fingerprint.clone(),
            listeners: self.listeners.iter().map(listener).collect(),
        };
        serde_json::to_value(status).context("cannot write the status")
    }

    fn handle(&self, _: Verb) -> anyhow::Result<Value> {
        anyhow::bail!("a stand-in has nothing to apply")
    }

    /// Its answers take no time worth waiting for.
    fn stop(&self, _: Instant) {}
}

/// Binds a free port and serves it in a thread of its own.
fn start_listener(whole: &Config, config: &ListenerConfig) -> anyhow::Result<Arc<Listener>> {
    let acceptor = TlsAcceptor::from(Arc::new(server_config(config)?));
    let socket = TcpListener::bind((whole.bind, 0));
    let socket = socket.with_context(|| format!("cannot listen on {}", whole.bind))?;
    socket.set_nonblocking(true).context("cannot listen without blocking")?;
    let address = socket.local_addr().context("a listener has an address")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("cannot start an I/O runtime")?;
    let body = format!("{}: stand-in for {}\n", config.route, whole.service);
    let listener = Arc::new(Listener { route: config.route.clone(), address, handshakes: AtomicU64::new(0) });
    let shared = Arc::clone(&listener);
    let serve = async move {
        let Ok(socket) = tokio::net::TcpListener::from_std(socket) else { return };
        let body: Arc<str> = body.into();
        loop {
            match socket.accept().await {
                Ok((stream, _)) => {
                    let (acceptor, body, shared) = (acceptor.clone(), Arc::clone(&body), Arc::clone(&shared));
                    let answer = async move { answer(&acceptor, stream, &body, &shared).await };
                    // A client that is too slow is cut off; that is its affair.
                    tokio::spawn(tokio::time::timeout(PATIENCE, answer));
                }
                // Out of file descriptors, most likely: let some be closed.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    };
    let spawned = thread::Builder::new().name(config.route.clone()).spawn(move || runtime.block_on(serve));
    spawned.context("cannot start a thread")?;
    Ok(listener)
}

/// How a listener shows who it is.
pub fn server_config(config: &ListenerConfig) -> anyhow::Result<ServerConfig> {
    let certificates = CertificateDer::pem_file_iter(&config.certificate).and_then(Iterator::collect);
    let certificates: Vec<_> =
        certificates.with_context(|| format!("cannot read `{}`", config.certificate.display()))?;
    let key = PrivateKeyDer::from_pem_file(&config.key);
    let key = key.with_context(|| format!("cannot read `{}`", config.key.display()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.context("no TLS version in common with ourselves")?;
    builder
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .context("certificate and key do not fit")
}

/// Answers one HTTP request, whatever it asks for.
async fn answer(
    acceptor: &TlsAcceptor,
    stream: TcpStream,
    body: &str,
    listener: &Listener,
) -> std::io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    listener.handshakes.fetch_add(1, Ordering::Relaxed);
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if stream.read_buf(&mut head).await? == 0 || head.len() > MAX_HEAD {
            return stream.shutdown().await;
        }
    }
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}
