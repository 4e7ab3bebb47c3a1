//! Dialling a backend.

use std::io::{self, ErrorKind, Write};
use std::net::SocketAddr;

use rustix::io::Errno;
use socket2::{SockRef, Socket};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::settings::Settings;
use crate::socket;

/// Connects `socket`, made for IPv4, within the time allowed; a refusal fails
/// at once. Tells how many bytes of `hello` the backend has already.
pub(crate) async fn connect(
    address: SocketAddr,
    socket: Socket,
    settings: &Settings,
    hello: &[u8],
) -> io::Result<(TcpStream, usize)> {
    let socket = if address.is_ipv4() {
        socket
    } else {
        drop(socket);
        socket::stream_for(address)?
    };
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
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::NotConnected) => {}
        Err(error) => return Err(error),
    }
    timeout(settings.connect_timeout, stream.writable()).await??;
    match stream.take_error()? {
        Some(error) => Err(error),
        None => Ok((stream, 0)),
    }
}
