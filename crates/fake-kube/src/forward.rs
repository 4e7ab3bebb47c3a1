//! Connections to ports of pods: `…/pods/{name}/portforward`.

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    sync::{Mutex, PoisonError},
};

use futures_util::{SinkExt, StreamExt};
use hyper::{
    HeaderMap, Response, StatusCode,
    body::Bytes,
    header::{
        CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, UPGRADE,
    },
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Error, Message, handshake::derive_accept_key, protocol::Role},
};

use crate::{answer::Body, failure::Failure, request::Request, resource::Target, state::State, store::Key};

/// The channels of the one port that a connection has.
const DATA: u8 = 0;
const ERROR: u8 = 1;
/// How much is read at once, in bytes.
const BUFFER: usize = 32 << 10;

/// Where the ports of pods lead, by namespace, name and port.
pub type Forwards = Mutex<BTreeMap<(String, String, u16), SocketAddr>>;

/// A connection that has been asked for.
#[derive(Debug)]
pub struct Forward {
    pod: Key,
    port: u16,
}

impl Forward {
    /// What a request asks for, if it is a connection to one port of a pod.
    pub fn asked(request: &Request) -> Option<Self> {
        let target = Target::parse(request.path.strip_suffix("/portforward")?)?;
        let pod = target.key().filter(|_| target.resource.kind == "Pod")?;
        Some(Self { pod, port: request.parameter("ports")?.parse().ok()? })
    }

    /// 404 if there is no such pod.
    pub fn check(&self, state: &State) -> Result<(), Failure> {
        let found = state.store().get(&self.pod).is_some();
        found.then_some(()).ok_or_else(|| Failure::not_found("pods", &self.pod.name))
    }

    /// Carries what comes until either side ends. A port that leads nowhere is
    /// told as a node tells it.
    pub async fn carry(self, state: &State, stream: impl AsyncRead + AsyncWrite + Unpin, begun: Bytes) {
        let mut socket =
            WebSocketStream::from_partially_read(stream, begun.to_vec(), Role::Server, None).await;
        // Whoever asked has gone, if this fails.
        let _ = self.converse(state, &mut socket).await;
    }

    async fn converse<S>(self, state: &State, socket: &mut WebSocketStream<S>) -> Result<(), Error>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        for channel in [DATA, ERROR] {
            socket.send(framed(channel, &self.port.to_le_bytes())).await?;
        }
        let (name, port) = (&self.pod.name, self.port);
        let place = state.forward_to(&self.pod.namespace, name, port);
        let upstream = match place {
            Some(place) => TcpStream::connect(place).await,
            None => Err(io::ErrorKind::ConnectionRefused.into()),
        };
        match upstream {
            Ok(upstream) => relay(socket, upstream).await?,
            Err(error) => {
                let said = format!("error forwarding port {port} to pod {name}: {error}");
                socket.send(framed(ERROR, said.as_bytes())).await?;
            }
        }
        socket.close(None).await
    }
}

/// What a connection goes on as, once the answer has been sent.
#[derive(Debug, Default)]
pub struct Switch(Mutex<Option<Forward>>);

impl Switch {
    pub fn put(&self, forward: Forward) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(forward);
    }

    pub fn take(&self) -> Option<Forward> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The answer to one that is possible.
pub fn agree(headers: &HeaderMap) -> Response<Body> {
    let key = headers.get(SEC_WEBSOCKET_KEY).map(HeaderValue::as_bytes).unwrap_or_default();
    let accepted = HeaderValue::from_str(&derive_accept_key(key));
    let mut response = Response::new(Body::default());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let said = response.headers_mut();
    said.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    said.insert(UPGRADE, HeaderValue::from_static("websocket"));
    said.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static("v4.channel.k8s.io"));
    said.extend(accepted.map(|accepted| (SEC_WEBSOCKET_ACCEPT, accepted)));
    response
}

async fn relay<S>(socket: &mut WebSocketStream<S>, mut upstream: TcpStream) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut buffer = vec![0; BUFFER];
    loop {
        tokio::select! {
            read = upstream.read(&mut buffer) => match read? {
                0 => return Ok(()),
                count => socket.send(framed(DATA, &buffer[..count])).await?,
            },
            message = socket.next() => match message.transpose()? {
                Some(Message::Binary(bytes)) if bytes.first() == Some(&DATA) => {
                    upstream.write_all(&bytes[1..]).await?;
                }
                None | Some(Message::Close(_)) => return Ok(()),
                Some(_) => (),
            },
        }
    }
}

fn framed(channel: u8, content: &[u8]) -> Message {
    Message::binary([&[channel], content].concat())
}
