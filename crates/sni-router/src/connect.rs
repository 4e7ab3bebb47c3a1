//! Dialling a backend.

use std::io::{self, Write};
use std::net::SocketAddr;

use rustix::io::Errno;
use socket2::{SockRef, Socket};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::files::{self, Backoff};
use crate::settings::Settings;
use crate::socket;

/// Connects within the time allowed; a refusal fails at once. Tells how many
/// bytes of `hello` the backend has already.
pub(crate) async fn connect(
    address: SocketAddr,
    settings: &Settings,
    hello: &[u8],
) -> io::Result<(TcpStream, usize)> {
    let socket = open(address, settings).await?;
    socket::tune(&SockRef::from(&socket), settings.keepalive)?;
    match socket.connect(&address.into()) {
        Err(error) if Errno::from_io_error(&error) != Some(Errno::INPROGRESS) => return Err(error),
        _ => {}
    }
    // A backend on this machine is connected by now, and needs no waiting for.
    let mut stream = std::net::TcpStream::from(socket);
    let sent = stream.write(hello);
    let stream = TcpStream::from_std(stream)?;
    match sent {
        Ok(sent) => return Ok((stream, sent)),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
        Err(error) => return Err(error),
    }
    timeout(settings.connect_timeout, stream.writable()).await??;
    match stream.take_error()? {
        Some(error) => Err(error),
        None => Ok((stream, 0)),
    }
}

/// Waits for a file descriptor to become free: the client is connected and
/// loses nothing but time.
async fn open(address: SocketAddr, settings: &Settings) -> io::Result<Socket> {
    let wait = async {
        let mut backoff = Backoff::new();
        loop {
            match socket::stream_for(address) {
                Err(error) if files::exhausted(&error) => backoff.wait().await,
                outcome => return outcome,
            }
        }
    };
    match timeout(settings.stall_limit, wait).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Errno::MFILE.into()),
    }
}
