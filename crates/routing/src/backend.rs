//! The address that a route's connections are sent to.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An address that can be dialled: never the unspecified address, a multicast
/// or broadcast one, one of the link alone, or port 0.
///
/// An unknown backend is `None` in [`Route::backend`](crate::Route); there is
/// no value of this type for it, so it cannot be dialled by mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "SocketAddr", into = "SocketAddr")]
pub struct Backend(SocketAddr);

/// Why an address cannot be a backend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BackendError {
    /// `0.0.0.0` or `::`: the operating system would dial this machine.
    #[error("`{0}` is the unspecified address: it names no machine")]
    Unspecified(IpAddr),
    /// A group of machines, not one.
    #[error("`{0}` is a multicast or broadcast address")]
    NotUnicast(IpAddr),
    /// Every link has addresses of this range (RFC 4291, section 2.5.6), so one
    /// of them means nothing without an interface, which routes do not carry.
    #[error(
        "`{0}` is a link-local address, which only means something on one interface: give a global or unique local one"
    )]
    LinkLocal(Ipv6Addr),
    /// Port 0 is a request for any port, not a port.
    #[error("port 0 cannot be dialled")]
    PortZero,
    /// The backend is the router itself: every connection would loop.
    #[error("`{backend}` is this router's own listener `{listener}`: connections would loop")]
    Loop {
        /// The address refused.
        backend: SocketAddr,
        /// The listener that it reaches.
        listener: SocketAddr,
    },
    /// Not `address:port`.
    #[error("`{0}` is not an address and a port, such as `172.18.255.20:443`")]
    Syntax(String),
}

impl Backend {
    /// Checks that `address` can be dialled. IPv4-mapped IPv6 addresses become
    /// plain IPv4, so that `::ffff:0.0.0.0` is refused as well.
    pub fn new(address: SocketAddr) -> Result<Self, BackendError> {
        let ip = address.ip().to_canonical();
        if ip.is_unspecified() {
            return Err(BackendError::Unspecified(ip));
        }
        if ip.is_multicast() || matches!(ip, IpAddr::V4(v4) if v4.is_broadcast()) {
            return Err(BackendError::NotUnicast(ip));
        }
        if let IpAddr::V6(v6) = ip
            && v6.is_unicast_link_local()
        {
            return Err(BackendError::LinkLocal(v6));
        }
        if address.port() == 0 {
            return Err(BackendError::PortZero);
        }
        Ok(Self(SocketAddr::new(ip, address.port())))
    }

    /// The address to dial.
    pub fn address(self) -> SocketAddr {
        self.0
    }

    /// Refuses a backend that is one of the router's own `listeners`.
    ///
    /// A listener on the unspecified address takes every address of this
    /// machine; `local` lists those (loopback is known without it).
    pub fn refuse_loop(self, listeners: &[SocketAddr], local: &[IpAddr]) -> Result<(), BackendError> {
        let backend = self.0;
        let reaches = |listener: &&SocketAddr| {
            let ip = listener.ip().to_canonical();
            let here = backend.ip().is_loopback() || local.contains(&backend.ip());
            listener.port() == backend.port() && (ip == backend.ip() || (ip.is_unspecified() && here))
        };
        match listeners.iter().find(reaches) {
            Some(&listener) => Err(BackendError::Loop { backend, listener }),
            None => Ok(()),
        }
    }
}

impl TryFrom<SocketAddr> for Backend {
    type Error = BackendError;

    fn try_from(address: SocketAddr) -> Result<Self, BackendError> {
        Self::new(address)
    }
}

impl From<Backend> for SocketAddr {
    fn from(backend: Backend) -> Self {
        backend.0
    }
}

impl FromStr for Backend {
    type Err = BackendError;

    fn from_str(text: &str) -> Result<Self, BackendError> {
        let address = text.parse().map_err(|_| BackendError::Syntax(text.to_owned()))?;
        Self::new(address)
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_cannot_be_dialled() {
        let refused = |text: &str| text.parse::<Backend>().unwrap_err();
        assert!(matches!(refused("0.0.0.0:443"), BackendError::Unspecified(_)));
        assert!(matches!(refused("[::]:443"), BackendError::Unspecified(_)));
        assert!(matches!(refused("[::ffff:0.0.0.0]:443"), BackendError::Unspecified(_)));
        assert!(matches!(refused("224.0.0.1:443"), BackendError::NotUnicast(_)));
        assert!(matches!(refused("255.255.255.255:443"), BackendError::NotUnicast(_)));
        assert!(matches!(refused("[fe80::1]:443"), BackendError::LinkLocal(_)));
        assert!(matches!(refused("[fe80::1%2]:443"), BackendError::LinkLocal(_)));
        assert!(matches!(refused("[febf::1]:443"), BackendError::LinkLocal(_)));
        assert!("[fd00::1]:443".parse::<Backend>().is_ok());
        assert_eq!(refused("10.0.0.1:0"), BackendError::PortZero);
        assert!(matches!(refused("argo:443"), BackendError::Syntax(_)));
    }

    #[test]
    fn json_is_validated_too() {
        assert!(serde_json::from_str::<Backend>("\"0.0.0.0:443\"").is_err());
        let backend: Backend = serde_json::from_str("\"10.0.0.1:443\"").unwrap();
        assert_eq!(serde_json::to_string(&backend).unwrap(), "\"10.0.0.1:443\"");
    }

    #[test]
    fn finds_loops() {
        let backend: Backend = "10.0.0.7:443".parse().unwrap();
        let own = ["10.0.0.7:443".parse().unwrap()];
        let other_port = ["10.0.0.7:4433".parse().unwrap()];
        let everywhere = ["0.0.0.0:443".parse().unwrap()];
        let local = ["10.0.0.7".parse().unwrap()];
        assert!(backend.refuse_loop(&own, &[]).is_err());
        assert!(backend.refuse_loop(&other_port, &local).is_ok());
        assert!(backend.refuse_loop(&everywhere, &[]).is_ok());
        assert!(backend.refuse_loop(&everywhere, &local).is_err());
        let loopback: Backend = "127.0.0.9:443".parse().unwrap();
        assert!(loopback.refuse_loop(&everywhere, &[]).is_err());
        // A listener on `::` takes IPv4 as well, and each address has a mapped form.
        let both_families = ["[::]:443".parse().unwrap()];
        assert!(loopback.refuse_loop(&both_families, &[]).is_err());
        assert!(backend.refuse_loop(&both_families, &local).is_err());
        assert!(backend.refuse_loop(&["[::ffff:10.0.0.7]:443".parse().unwrap()], &[]).is_err());
        let mapped: Backend = "[::ffff:10.0.0.7]:443".parse().unwrap();
        assert!(mapped.refuse_loop(&own, &[]).is_err());
    }
}
