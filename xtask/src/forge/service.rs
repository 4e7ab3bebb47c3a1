//! The daemon that serves the repositories for reading, over HTTP and TLS.

use std::convert::Infallible;
use std::future::pending;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

use super::backend::{self, Body};
use super::idle::Idle;
use super::served::{Served, served};
use crate::context::Context;
use crate::daemon::{Log, Service, Verb};
use crate::profile::RepositoryRef;
use crate::stand_in::{self, ListenerStatus};

/// How long a client may take for its handshake, and then for the head of a request.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long nothing may move on a connection, whether the client or Git takes
/// its time; Git tells the client every few seconds that it is at work.
const IDLE: Duration = Duration::from_mins(10);
/// How many programs of Git's run at once.
const PROGRAMS: usize = 16;

/// What the forge is given.
#[derive(Debug, Serialize, Deserialize)]
pub struct Config {
    /// The service that it stands for, and where it does so over TLS.
    #[serde(flatten)]
    pub place: stand_in::Config,
    /// The folder of the repositories.
    pub repositories: PathBuf,
    /// Where plain HTTP was served before, to be served there again if it is free.
    pub port: u16,
}

/// What the forge tells of itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ForgeStatus {
    /// Where it is reached over TLS.
    #[serde(flatten)]
    pub place: stand_in::StandInStatus,
    /// Where it is reached over plain HTTP.
    pub http: SocketAddr,
}

impl ForgeStatus {
    /// Where the repository is had on this machine.
    pub fn url(&self, repository: &RepositoryRef) -> String {
        format!("http://{}/{repository}.git", self.http)
    }
}

/// The running forge.
pub struct ForgeService {
    config: Config,
    http: SocketAddr,
    listeners: Vec<Arc<Listener>>,
}

/// What connections share.
struct Shared {
    cx: Context,
    repositories: PathBuf,
    programs: Arc<Semaphore>,
}

struct Listener {
    /// Over TLS: what it stands for.
    tls: Option<(String, TlsAcceptor)>,
    address: SocketAddr,
    handshakes: AtomicU64,
}

impl Service for ForgeService {
    type Config = Config;

    fn start(cx: &Context, config: Config, _: &Log) -> anyhow::Result<Self> {
        let ip = config.place.bind;
        let plain = TcpListener::bind((ip, config.port)).or_else(|_| TcpListener::bind((ip, 0)));
        let mut doors = vec![(None, plain)];
        for wanted in &config.place.listeners {
            let acceptor = TlsAcceptor::from(Arc::new(stand_in::server_config(wanted)?));
            doors.push((Some((wanted.route.clone(), acceptor)), TcpListener::bind((ip, 0))));
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.context("cannot start an I/O runtime")?;
        let repositories = config.repositories.clone();
        let shared =
            Arc::new(Shared { cx: cx.again(), repositories, programs: Arc::new(Semaphore::new(PROGRAMS)) });
        let mut listeners = Vec::new();
        for (tls, socket) in doors {
            let socket = socket.with_context(|| format!("cannot listen on {ip}"))?;
            socket.set_nonblocking(true).context("cannot listen without blocking")?;
            let address = socket.local_addr().context("a listener has an address")?;
            let listener = Arc::new(Listener { tls, address, handshakes: AtomicU64::new(0) });
            let _inside = runtime.enter();
            let socket = tokio::net::TcpListener::from_std(socket).context("cannot listen")?;
            runtime.spawn(Arc::clone(&listener).accept(socket, Arc::clone(&shared)));
            listeners.push(listener);
        }
        let spawned =
            thread::Builder::new().name("forge".into()).spawn(move || runtime.block_on(pending::<()>()));
        spawned.context("cannot start a thread")?;
        Ok(Self { http: listeners[0].address, config, listeners })
    }

    fn status(&self) -> anyhow::Result<Value> {
        let place = &self.config.place;
        let listener = |it: &Arc<Listener>| {
            let (route, _) = it.tls.as_ref()?;
            let handshakes = it.handshakes.load(Ordering::Relaxed);
            Some(ListenerStatus { route: route.clone(), address: it.address, handshakes })
        };
        let status = ForgeStatus {
            place: stand_in::StandInStatus {
                service: place.service.clone(),
                fingerprint: place.fingerprint.clone(),
                listeners: self.listeners.iter().filter_map(listener).collect(),
            },
            http: self.http,
        };
        serde_json::to_value(status).context("cannot write the status")
    }

    fn handle(&self, _: Verb) -> anyhow::Result<Value> {
        anyhow::bail!("a forge has nothing to apply")
    }

    /// Whoever reads can read again.
    fn stop(&self, _: Instant) {}
}

impl Listener {
    async fn accept(self: Arc<Self>, socket: tokio::net::TcpListener, shared: Arc<Shared>) {
        loop {
            match socket.accept().await {
                Ok((stream, _)) => {
                    let (listener, shared) = (Arc::clone(&self), Arc::clone(&shared));
                    tokio::spawn(async move { listener.serve(stream, shared).await });
                }
                // Out of file descriptors, most likely: let some be closed.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    async fn serve(&self, stream: TcpStream, shared: Arc<Shared>) {
        let Some((_, acceptor)) = &self.tls else { return shared.converse(stream).await };
        // A client that is too slow is cut off; that is its affair.
        if let Ok(Ok(stream)) = tokio::time::timeout(PATIENCE, acceptor.accept(stream)).await {
            self.handshakes.fetch_add(1, Ordering::Relaxed);
            shared.converse(stream).await;
        }
    }
}

impl Shared {
    /// Answers requests until the client has no more.
    async fn converse(self: Arc<Self>, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let service = service_fn(|request| {
            let shared = Arc::clone(&self);
            async move { Ok::<_, Infallible>(shared.answer(request).await) }
        });
        let mut http = hyper::server::conn::http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
        // How it ends is the client's affair.
        let _ = http.serve_connection(TokioIo::new(Idle::new(stream, IDLE)), service).await;
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        match served(&request, &self.repositories) {
            Served::Root => text(StatusCode::OK, "a Git server for releases, to be read"),
            Served::Nothing(status, why) => text(status, why),
            Served::Repository(folder, service) => {
                let Ok(permit) = Arc::clone(&self.programs).acquire_owned().await else {
                    return text(StatusCode::SERVICE_UNAVAILABLE, "the server ends");
                };
                let answer = backend::answer(&self.cx, &folder, service, request, permit).await;
                answer.unwrap_or_else(|error| text(StatusCode::BAD_GATEWAY, &error.to_string()))
            }
        }
    }
}

fn text(status: StatusCode, text: &str) -> Response<Body> {
    let body = Full::from(format!("{text}\n")).map_err(|never| match never {}).boxed();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}
