//! TCP sockets and their options.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

#[cfg(target_os = "linux")]
use rustix::net::SocketFlags;
use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};

use crate::settings::KeepAlive;

/// A non-blocking TCP socket of the family of `address`, closed on exec.
pub(crate) fn stream_for(address: SocketAddr) -> io::Result<Socket> {
    #[cfg(target_os = "linux")]
    return Socket::new(Domain::for_address(address), Type::STREAM.nonblocking(), Some(Protocol::TCP));
    #[cfg(not(target_os = "linux"))]
    {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        Ok(socket)
    }
}

/// The next connection, non-blocking and closed on exec.
#[cfg(target_os = "linux")]
pub(crate) fn accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let (socket, peer) = rustix::net::acceptfrom_with(listener, flags)?;
    let peer = peer.and_then(|peer| peer.try_into().ok()).ok_or(io::ErrorKind::ConnectionAborted)?;
    Ok((socket.into(), peer))
}

/// The next connection, non-blocking and closed on exec.
#[cfg(not(target_os = "linux"))]
pub(crate) fn accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    let (socket, peer) = listener.accept()?;
    socket.set_nonblocking(true)?;
    Ok((socket, peer))
}

/// No delay for small writes: the router passes on what it got as it got it.
/// Keepalive, so that vanished peers are noticed.
pub(crate) fn tune(socket: &SockRef<'_>, keepalive: KeepAlive) -> io::Result<()> {
    let keepalive = TcpKeepalive::new()
        .with_time(keepalive.idle)
        .with_interval(keepalive.interval)
        .with_retries(keepalive.probes);
    socket.set_tcp_nodelay(true)?;
    socket.set_tcp_keepalive(&keepalive)
}

/// Lets the closing of `stream` be a reset instead of an orderly end, so that
/// the peer cannot take what it got for the whole.
pub(crate) fn reset_on_close(stream: &tokio::net::TcpStream) {
    // A socket that refuses the option is closed all the same.
    let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
}
