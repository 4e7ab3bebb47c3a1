//! One connection: read the hello, find the route, dial, relay.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use routing::{Backend, HostName};
use socket2::Socket;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;

use crate::connect::connect;
use crate::counters::Taken;
use crate::event::Event;
use crate::hello::{HelloParser, Progress};
use crate::reason::Reason;
use crate::relay::Relay;
use crate::reporter::Kind;
use crate::scratch;
use crate::shared::Shared;
use crate::socket;
use crate::worker::Place;

/// Why a connection failed, with more about it for people.
pub(crate) struct Failure {
    reason: Reason,
    detail: Option<String>,
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Self {
        Self { reason, detail: None }
    }
}

/// What is known of a connection that fails.
struct Known {
    sni: Option<HostName>,
    route: Option<Taken>,
    backend: Option<Backend>,
}

/// A connection just accepted.
pub(crate) struct Client {
    pub(crate) socket: TcpStream,
    pub(crate) peer: SocketAddr,
    /// The position of its listener.
    pub(crate) listener: usize,
    /// A socket to reach the backend with.
    pub(crate) onward: Socket,
}

/// Serves one connection to its end; `_held` is given back then.
pub(crate) async fn serve(shared: Arc<Shared>, client: Client, _held: (OwnedSemaphorePermit, Place)) {
    let (peer, listener) = (client.peer, client.listener);
    let mut known = Known { sni: None, route: None, backend: None };
    if let Err(failure) = handle(&shared, client, &mut known).await {
        report(&shared, listener, peer, known, failure);
    }
}

async fn handle(shared: &Shared, client: Client, known: &mut Known) -> Result<(), Failure> {
    let Client { mut socket, listener, onward, .. } = client;
    let (hello, sni) = read_hello(shared, &mut socket).await?;
    known.sni = sni;
    let entry_point = shared.listeners[listener].entry_point;
    let found = shared.find(entry_point, known.sni.as_ref()).ok_or(Reason::NoRoute)?;
    let route = known.route.insert(Taken::new(found.counters));
    known.backend = found.backend;
    let address = found.backend.ok_or(Reason::NoBackend)?.address();
    let connected = connect(address, onward, &shared.settings, &hello).await;
    let (backend, sent) = connected.map_err(|error| failure_of(&error))?;
    Relay::new(socket, backend, route, (hello, sent), shared.settings.stall_limit).await?;
    Ok(())
}

fn failure_of(error: &io::Error) -> Failure {
    Failure { reason: Reason::of_connect(error), detail: Some(error.to_string()) }
}

/// Counts a failure with the route, or with the listener while there is none.
fn report(shared: &Shared, listener: usize, peer: SocketAddr, known: Known, failure: Failure) {
    let listener = &shared.listeners[listener];
    let failures = known.route.as_ref().map_or(&listener.counters.failures, |route| &route.failures);
    failures.count(failure.reason);
    let kind = Kind::Failed(failure.reason);
    let told = shared.reporter.offer(kind, |left_out| Event::Failed {
        entry_point: listener.entry_point,
        peer,
        sni: known.sni,
        route: known.route.as_ref().map(|route| route.name.to_string()),
        backend: known.backend,
        reason: failure.reason,
        detail: failure.detail,
        left_out,
    });
    if !told {
        shared.reporter.leave_out(kind);
    }
}

/// Reads until the hello is complete, within one deadline for all of it.
/// Returns everything read, which may go beyond the hello.
async fn read_hello(shared: &Shared, client: &mut TcpStream) -> Result<(Vec<u8>, Option<HostName>), Failure> {
    let mut read = Vec::new();
    let mut parser = HelloParser::default();
    let parse = async {
        loop {
            let known = read.len();
            let got = std::future::poll_fn(|cx| poll_append(cx, client, &mut read)).await;
            if !matches!(got, Ok(1..)) {
                return Err(Reason::HelloUnfinished.into());
            }
            match parser.feed(&read[known..]) {
                Ok(Progress::NeedMore(more)) => {
                    socket::acknowledge(client);
                    parser = more;
                }
                Ok(Progress::Complete(sni)) => return Ok(sni),
                Err(error) => {
                    return Err(Failure { reason: error.into(), detail: Some(error.to_string()) });
                }
            }
        }
    };
    let in_time = tokio::time::timeout(shared.settings.hello_timeout, parse).await;
    let sni = in_time.map_err(|_| Reason::HelloTimeout)??;
    Ok((read, sni))
}

/// Reads into the thread's buffer and keeps no more than what came.
fn poll_append(cx: &mut Context<'_>, from: &mut TcpStream, to: &mut Vec<u8>) -> Poll<io::Result<usize>> {
    scratch::with(|scratch| {
        let mut buffer = ReadBuf::new(scratch);
        ready!(Pin::new(from).poll_read(cx, &mut buffer))?;
        to.extend_from_slice(buffer.filled());
        Poll::Ready(Ok(buffer.filled().len()))
    })
}
