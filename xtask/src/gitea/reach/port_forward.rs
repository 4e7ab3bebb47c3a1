//! A port of this machine that leads to a pod, for as long as a call takes.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use cluster::{Access, Cluster, Error, Forward, PodPort};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use crate::discovery::failure;

/// How much later than the end of a connection its reason may come.
const LATE: Duration = Duration::from_millis(500);
/// Between two looks for it.
const PAUSE: Duration = Duration::from_millis(5);

/// A port of this machine that leads to a pod. It, its connections and its
/// thread are gone when this is dropped.
pub struct PortForward {
    address: SocketAddr,
    to: PodPort,
    trouble: Trouble,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Why the last connection that failed did so.
type Trouble = Arc<Mutex<Option<Error>>>;

impl PortForward {
    /// Listens on a free port of 127.0.0.1. One connection is made at once, so
    /// that it is known whether the cluster lets us.
    pub async fn start(access: &Access, to: PodPort) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("cannot listen")?;
        let address = listener.local_addr().context("cannot listen")?;
        let listener = listener.into_std().context("cannot listen")?;
        let runtime =
            Builder::new_current_thread().enable_all().build().context("cannot start an I/O runtime")?;
        let (ready, is_ready) = oneshot::channel();
        let (stop, stopped) = oneshot::channel();
        let trouble = Trouble::default();
        let task = Task { access: access.clone(), to: to.clone(), trouble: Arc::clone(&trouble) };
        let thread = thread::Builder::new()
            .name("port-forward".into())
            .spawn(move || task.run(runtime, listener, ready, stopped))
            .context("cannot start a thread")?;
        // If the rest fails, dropping it ends the thread.
        let forward = Self { address, to, trouble, stop: Some(stop), thread: Some(thread) };
        let began = is_ready.await.context("the port-forward ended by itself")?;
        began.map(|()| forward).map_err(|error| failure(&error))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Why the last connection that failed did so. A client sees the end of its
    /// connection a moment before the reason is known, so that is waited for.
    pub fn trouble(&self) -> Option<String> {
        let deadline = Instant::now() + LATE;
        loop {
            let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if trouble.is_some() || Instant::now() >= deadline {
                return trouble.map(|error| error.to_string());
            }
            thread::sleep(PAUSE);
        }
    }
}

impl Drop for PortForward {
    fn drop(&mut self) {
        // Both fail only when the thread is gone already.
        let _ = self.stop.take().map(|stop| stop.send(()));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl fmt::Display for PortForward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pod `{}`", self.to.pod)
    }
}

/// What the thread works with.
struct Task {
    access: Access,
    to: PodPort,
    trouble: Trouble,
}

impl Task {
    /// Serves until told to stop. The connections end with the runtime.
    fn run(
        self,
        runtime: Runtime,
        listener: std::net::TcpListener,
        ready: oneshot::Sender<Result<(), Error>>,
        stopped: oneshot::Receiver<()>,
    ) {
        runtime.block_on(async {
            tokio::select! {
                _ = stopped => (),
                () = self.serve(listener, ready) => (),
            }
        });
        runtime.shutdown_background();
    }

    async fn serve(self, listener: std::net::TcpListener, ready: oneshot::Sender<Result<(), Error>>) {
        let began = self.begin().await;
        let (began, first) = match began {
            Ok((cluster, first)) => (Ok(()), Some((cluster, first))),
            Err(error) => (Err(error), None),
        };
        // Whoever waits for it may have been interrupted.
        let _ = ready.send(began);
        if let Some((cluster, first)) = first
            && let Ok(listener) = TcpListener::from_std(listener)
        {
            self.accept(&listener, &cluster, first).await;
        }
    }

    async fn begin(&self) -> Result<(Cluster, Forward), Error> {
        let cluster = Cluster::open(&self.access).await?;
        let first = cluster.forward(&self.to).await?;
        Ok((cluster, first))
    }

    async fn accept(&self, listener: &TcpListener, cluster: &Cluster, first: Forward) {
        let mut first = Some(first);
        loop {
            // What fails is the connection that came, not the listener.
            let Ok((socket, _)) = listener.accept().await else { continue };
            let (cluster, to, trouble) = (cluster.clone(), self.to.clone(), Arc::clone(&self.trouble));
            let ready = first.take();
            tokio::spawn(async move {
                let forward = match ready {
                    Some(forward) => Ok(forward),
                    None => cluster.forward(&to).await,
                };
                let carried = match forward {
                    Ok(forward) => forward.carry(socket).await,
                    Err(error) => Err(error),
                };
                if let Err(error) = carried {
                    *trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                }
            });
        }
    }
}
