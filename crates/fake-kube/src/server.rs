//! The thread that serves.

use std::{convert::Infallible, io, net, sync::Arc, thread};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    runtime::{self, Handle, Runtime},
    sync::oneshot,
};
use tokio_rustls::TlsAcceptor;

use crate::{api, forward::Switch, state::State};

/// A running server. When dropped, it closes all connections and is gone.
#[derive(Debug)]
pub struct Server {
    pub runtime: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Server {
    pub fn start(
        listener: net::TcpListener,
        tls: Option<TlsAcceptor>,
        state: Arc<State>,
    ) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _context = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let (stop, stopped) = oneshot::channel();
        let handle = runtime.handle().clone();
        let thread = thread::Builder::new()
            .name("fake-kube".to_owned())
            .spawn(move || run(&runtime, listener, tls, state, stopped))?;
        Ok(Self { runtime: handle, stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only when the thread is gone already.
        let _ = self.stop.take().map(|stop| stop.send(()));
        let _ = self.thread.take().map(thread::JoinHandle::join);
    }
}

/// Serves until told to stop. The connections end with the runtime.
fn run(
    runtime: &Runtime,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    state: Arc<State>,
    stopped: oneshot::Receiver<()>,
) {
    runtime.block_on(async {
        tokio::select! {
            _ = stopped => (),
            () = accept(listener, tls, state) => (),
        }
    });
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, state: Arc<State>) {
    loop {
        // What fails is the connection that came, not the listener.
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        // Each event of a watch is a small write that waits for no other.
        let _ = stream.set_nodelay(true);
        let state = Arc::clone(&state);
        match tls.clone() {
            None => drop(tokio::spawn(serve(stream, |stream| stream, state))),
            Some(tls) => drop(tokio::spawn(async move {
                // A client that does not trust us is gone after the handshake.
                if let Ok(stream) = tls.accept(stream).await {
                    serve(stream, |stream| stream.get_ref().0, state).await;
                }
            })),
        }
    }
}

async fn serve<S>(stream: S, socket: fn(&S) -> &TcpStream, state: Arc<State>)
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let switch = Arc::new(Switch::default());
    let service = service_fn(|request| {
        let (state, switch) = (Arc::clone(&state), Arc::clone(&switch));
        async move { Ok::<_, Infallible>(api::respond(state, request, &switch).await) }
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let ended = (&mut connection).await;
    let parts = connection.into_parts();
    let stream = parts.io.into_inner();
    if ended.is_err() {
        // Closed without lingering, a connection is reset.
        let _ = socket(&stream).set_zero_linger();
    } else if let Some(forward) = switch.take() {
        forward.carry(&state, stream, parts.read_buf).await;
    }
}
