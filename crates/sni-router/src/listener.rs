//! Listening sockets.

use std::io;
use std::net::{SocketAddr, TcpListener};

use routing::EntryPoint;
use socket2::SockRef;

use crate::settings::KeepAlive;

/// Connections the kernel may hold before they are accepted. It cuts this to
/// its own limit (Linux: `net.core.somaxconn`, 4096 since 5.4).
const BACKLOG: i32 = 4096;

/// A bound socket and what it is for.
#[derive(Debug)]
pub struct Listener {
    /// The entry point whose routes apply.
    pub entry_point: EntryPoint,
    /// Listening already, as [`bind`] leaves it.
    pub socket: TcpListener,
}

/// Listens on `address`; port 0 takes any free one. A port that another socket
/// listens on is an error: `SO_REUSEADDR` is set, to take over a port right
/// after a stop, and `SO_REUSEPORT` is not.
///
/// ```
/// let first = sni_router::bind("127.0.0.1:0".parse()?)?;
/// let second = sni_router::bind(first.local_addr()?);
/// assert_eq!(second.unwrap_err().kind(), std::io::ErrorKind::AddrInUse);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = crate::socket::stream_for(address)?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Sets what accepted sockets inherit, once for all of them, and makes the
/// listener itself non-blocking, as the accept loops need it.
pub(crate) fn prepare(socket: &TcpListener, keepalive: KeepAlive) -> io::Result<()> {
    socket.set_nonblocking(true)?;
    let socket = SockRef::from(socket);
    crate::socket::tune(&socket, keepalive)?;
    crate::socket::delay_acknowledgement(&socket)
}
