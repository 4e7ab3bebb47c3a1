//! What keeps a listener from being bound, for every engine.

use std::io;
use std::net::SocketAddr;

use routing::EntryPoint;

use crate::failure::Failure;
use crate::ports;

/// How to choose another port for an entry point.
pub fn other_port(entry_point: EntryPoint) -> &'static str {
    match entry_point {
        EntryPoint::Https => "--set router.ports.https=8443",
        EntryPoint::Raw => "--set router.ports.raw=8444",
    }
}

/// Names who has the port, or what gives the right to it; `other` is the
/// argument that chooses another port.
pub fn cannot_bind(address: SocketAddr, other: &str, kind: Option<io::ErrorKind>) -> Failure {
    let port = address.port();
    match kind {
        Some(io::ErrorKind::AddrInUse) => {
            let holder =
                ports::holder(address).map_or("another process".to_owned(), |holder| holder.to_string());
            Failure::missing(format!("cannot listen on `{address}`: {holder} has the port"))
                .help(format!("end that process, or choose another port: `{other}`"))
        }
        Some(io::ErrorKind::PermissionDenied) => Failure::missing(format!(
            "cannot listen on `{address}`: port {port} needs a right that this user lacks"
        ))
        .help(format!(
            "run `sudo sysctl net.ipv4.ip_unprivileged_port_start={port}`, \
                     or choose a port from 1024: `{other}`"
        )),
        Some(io::ErrorKind::AddrNotAvailable) => {
            Failure::missing(format!("cannot listen on `{address}`: this machine does not have that address"))
                .help("see `ip address`, and choose one with `--set router.bind=ADDRESS`")
        }
        _ => Failure::missing(format!("cannot listen on `{address}`")),
    }
}
