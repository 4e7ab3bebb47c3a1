//! The servers behind the routers.
//!
//! Threads that block are the cheapest ends for a handful of clients: no
//! readiness calls are added to the accept, read, write and close that are
//! there anyway. Connections that live longer than their hello get a thread of
//! their own; idle ones are only kept.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::client_hello::{self, Mode, mode_of};

/// Bytes that answer a hello: the number of the backend, over and over.
pub(crate) const ANSWER: usize = 8;
/// Bytes a bulk transfer moves by one call, at either end.
pub(crate) const CHUNK: usize = 64 * 1024;
/// Threads that accept, for each backend.
const ACCEPTORS: usize = 8;
/// How long the last connections may take to end once clients have closed.
const QUIET: Duration = Duration::from_secs(20);

/// Plain TCP servers on ephemeral loopback ports, until the process ends.
pub struct Backends {
    addresses: Vec<SocketAddr>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// Bytes received in [`Mode::Sink`].
    sunk: AtomicU64,
    idle: Mutex<Vec<Open>>,
    open: Mutex<usize>,
    closed: Condvar,
}

/// An accepted connection, counted until dropped.
struct Open {
    stream: Option<TcpStream>,
    shared: Arc<Shared>,
}

impl Backends {
    /// Starts `count` backends.
    pub fn listen(count: u8) -> Result<Self> {
        let shared = Arc::new(Shared::default());
        let mut addresses = Vec::new();
        for number in 0..count {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot start a backend")?;
            addresses.push(listener.local_addr()?);
            for _ in 0..ACCEPTORS {
                let (listener, shared) = (listener.try_clone()?, Arc::clone(&shared));
                thread::Builder::new().spawn(move || accept(&listener, number, &shared))?;
            }
        }
        Ok(Self { addresses, shared })
    }

    /// Where the backends listen; a backend's number is its position.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Bytes received so far from clients that only send.
    pub(crate) fn sunk(&self) -> u64 {
        self.shared.sunk.load(Ordering::Relaxed)
    }

    /// Closes the idle connections.
    pub(crate) fn release_idle(&self) {
        let idle = std::mem::take(&mut *self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner));
        drop(idle);
    }

    /// Waits until no connection is open, so that the next measurement begins
    /// without remains of the last.
    pub(crate) fn wait_until_quiet(&self) -> Result<()> {
        let open = self.shared.open.lock().unwrap_or_else(PoisonError::into_inner);
        let (open, _) = self
            .shared
            .closed
            .wait_timeout_while(open, QUIET, |open| *open > 0)
            .unwrap_or_else(PoisonError::into_inner);
        ensure!(*open == 0, "{} connections to backends outlived their clients by {QUIET:?}", *open);
        Ok(())
    }
}

impl Open {
    fn new(stream: TcpStream, shared: &Arc<Shared>) -> Self {
        *shared.open.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Self { stream: Some(stream), shared: Arc::clone(shared) }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.stream = None;
        *self.shared.open.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.shared.closed.notify_all();
    }
}

/// Serves for ever. Running out of descriptors is felt by the clients, which
/// report it; a connection reset before it was accepted is not a reason to end.
fn accept(listener: &TcpListener, number: u8, shared: &Arc<Shared>) {
    loop {
        if let Ok((stream, _)) = listener.accept() {
            serve(Open::new(stream, shared), number);
        }
    }
}

/// What goes wrong here is a connection cut short, which its client sees.
fn serve(mut open: Open, number: u8) {
    let Some(stream) = &mut open.stream else { return };
    let mut hello = [0; client_hello::LENGTH];
    if stream.read_exact(&mut hello).is_err() {
        return;
    }
    let Some(mode) = mode_of(&hello) else { return };
    let shared = Arc::clone(&open.shared);
    // Taken before the answer: whoever has it may release the idle ones at once.
    let idle = matches!(mode, Mode::Idle).then(|| shared.idle.lock().unwrap_or_else(PoisonError::into_inner));
    if stream.write_all(&[number; ANSWER]).is_err() {
        return;
    }
    match mode {
        Mode::Answer => _ = stream.read(&mut hello),
        Mode::Idle => {
            if let Some(mut idle) = idle {
                idle.push(open);
            }
        }
        Mode::Echo => spawn(open, |stream, _| echo(stream)),
        Mode::Source => spawn(open, |stream, _| source(stream)),
        Mode::Sink => spawn(open, sink),
    }
}

/// Serves on a thread of its own. Without one the connection closes, which its
/// client sees; so do errors of `serve`.
fn spawn(mut open: Open, serve: fn(&mut TcpStream, &Shared) -> io::Result<()>) {
    drop(thread::Builder::new().spawn(move || {
        let shared = Arc::clone(&open.shared);
        open.stream.as_mut().map(|stream| serve(stream, &shared))
    }));
}

fn echo(stream: &mut TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = [0; 1024];
    loop {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            read => stream.write_all(&buffer[..read])?,
        }
    }
}

/// Ends by the error of writing to a client that has closed.
fn source(stream: &mut TcpStream) -> io::Result<()> {
    let chunk = vec![0x5a; CHUNK];
    loop {
        stream.write_all(&chunk)?;
    }
}

fn sink(stream: &mut TcpStream, shared: &Shared) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        match stream.read(&mut chunk)? {
            0 => return stream.shutdown(Shutdown::Write),
            read => shared.sunk.fetch_add(read as u64, Ordering::Relaxed),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client_hello::ClientHello;

    fn open(backends: &Backends, mode: Mode) -> TcpStream {
        let mut stream = TcpStream::connect(backends.addresses()[1]).unwrap();
        stream.write_all(&ClientHello::new("a.example").unwrap().bytes(mode)).unwrap();
        let mut answer = [9; ANSWER];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(answer, [1; ANSWER]);
        stream
    }

    #[test]
    fn echoes() {
        let backends = Backends::listen(2).unwrap();
        let mut stream = open(&backends, Mode::Echo);
        stream.write_all(b"ping").unwrap();
        let mut pong = [0; 4];
        stream.read_exact(&mut pong).unwrap();
        assert_eq!(&pong, b"ping");
        drop(stream);
        backends.wait_until_quiet().unwrap();
    }

    #[test]
    fn counts_what_it_sinks() {
        let backends = Backends::listen(2).unwrap();
        let mut stream = open(&backends, Mode::Sink);
        stream.write_all(&vec![7; 300_000]).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        assert_eq!(stream.read(&mut [0; 1]).unwrap(), 0);
        assert_eq!(backends.sunk(), 300_000);
    }

    #[test]
    fn idle_ones_stay_until_released() {
        let backends = Backends::listen(2).unwrap();
        let mut stream = open(&backends, Mode::Idle);
        backends.release_idle();
        backends.wait_until_quiet().unwrap();
        assert_eq!(stream.read(&mut [0; 1]).unwrap(), 0);
    }

    #[test]
    fn closes_on_what_is_no_hello() {
        let backends = Backends::listen(1).unwrap();
        let mut stream = TcpStream::connect(backends.addresses()[0]).unwrap();
        stream.write_all(&[0; client_hello::LENGTH]).unwrap();
        assert_eq!(stream.read(&mut [0; 1]).unwrap(), 0);
    }
}
