//! How the server is reached.

use std::net::SocketAddr;

use crate::certificate::Certificate;

/// How the server is reached. By default over plain HTTP.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Served with TLS and this certificate, and with nothing else.
    pub certificate: Option<Certificate>,
    /// Where it listens; by default on any free port of 127.0.0.1.
    pub address: Option<SocketAddr>,
}
