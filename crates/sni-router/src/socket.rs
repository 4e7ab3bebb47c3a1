//! TCP sockets and their options.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};
use tokio::net::TcpStream;

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

/// Lets sockets that `listener` accepts acknowledge the first bytes together
/// with the answer to them, instead of at once: a packet less per connection.
/// A client that waits for the acknowledgement gets it from [`acknowledge`].
pub(crate) fn delay_acknowledgement(listener: &SockRef<'_>) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    listener.set_tcp_quickack(false)?;
    Ok(())
}

/// Acknowledges now what was received.
pub(crate) fn acknowledge(stream: &TcpStream) {
    // The kernel does so after 40 ms anyway.
    #[cfg(target_os = "linux")]
    let _ = SockRef::from(stream).set_tcp_quickack(true);
}

/// Lets the closing of `stream` be a reset instead of an orderly end, so that
/// the peer cannot take what it got for the whole.
pub(crate) fn reset_on_close(stream: &TcpStream) {
    // A socket that refuses the option is closed all the same.
    let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
}
