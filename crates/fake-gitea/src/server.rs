//! The thread that serves.

use std::{io, net, net::SocketAddr, sync::Arc, thread, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    runtime::{self, Handle, Runtime},
    sync::oneshot,
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

use crate::{respond::respond, state::State};

/// How long a git may take to its end when nobody listens to it any more.
const GRACE: Duration = Duration::from_secs(10);

/// A running server. When dropped, it closes all connections, ends every git
/// and is gone.
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
            .name("fake-gitea".to_owned())
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

/// Serves until told to stop; then the connections end, and what runs for them.
fn run(
    runtime: &Runtime,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    state: Arc<State>,
    stopped: oneshot::Receiver<()>,
) {
    runtime.block_on(async {
        let mut running = state.running.subscribe();
        tokio::select! {
            _ = stopped => (),
            () = accept(listener, tls, state) => (),
        }
        // Without its client a git ends, and until then it writes to the
        // folder that goes next.
        let ended = running.wait_for(|running| *running == 0);
        let _ = tokio::time::timeout(GRACE, ended).await;
    });
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, state: Arc<State>) {
    // They end when this is dropped.
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        // What fails is the connection that came, not the listener.
        let Ok((stream, client)) = listener.accept().await else {
            continue;
        };
        // An answer is many small writes that wait for no other.
        let _ = stream.set_nodelay(true);
        let state = Arc::clone(&state);
        match tls.clone() {
            None => drop(connections.spawn(serve(stream, |stream| stream, client, state))),
            Some(tls) => drop(connections.spawn(async move {
                // A client that does not trust us is gone after the handshake.
                if let Ok(stream) = tls.accept(stream).await {
                    serve(stream, |stream| stream.get_ref().0, client, state).await;
                }
            })),
        }
    }
}

async fn serve<S>(stream: S, socket: fn(&S) -> &TcpStream, client: SocketAddr, state: Arc<State>)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let service = service_fn(move |request| respond(Arc::clone(&state), client, request));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    if (&mut connection).await.is_err() {
        // Closed without lingering, a connection is reset.
        let stream = connection.into_parts().io.into_inner();
        let _ = socket(&stream).set_zero_linger();
    }
}
