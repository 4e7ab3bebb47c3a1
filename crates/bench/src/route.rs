//! Which host name belongs to which backend.

use std::net::SocketAddr;

use anyhow::{Result, ensure};
use serde::Serialize;

use crate::backend::Backends;
use crate::client_hello::ClientHello;

/// A host name and the backend that every router has to connect it to.
#[derive(Clone, Serialize)]
pub struct Route {
    /// The host name, as written into the `ClientHello`.
    pub host: String,
    /// Where the backend listens.
    pub backend: SocketAddr,
    /// What the backend answers with.
    #[serde(skip)]
    pub(crate) number: u8,
    #[serde(skip)]
    pub(crate) hello: ClientHello,
}

impl Route {
    /// Spreads `hosts` over the backends in turn.
    pub fn spread(hosts: &[impl AsRef<str>], backends: &Backends) -> Result<Vec<Self>> {
        ensure!(!hosts.is_empty(), "there is no host name to ask for");
        let numbered = (0u8..).zip(backends.addresses()).cycle();
        hosts
            .iter()
            .zip(numbered)
            .map(|(host, (number, backend))| {
                let host = host.as_ref().to_owned();
                Ok(Self { hello: ClientHello::new(&host)?, host, backend: *backend, number })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreads_in_turn() {
        let backends = Backends::listen(2).unwrap();
        let routes = Route::spread(&["a", "b", "c"], &backends).unwrap();
        let numbers: Vec<u8> = routes.iter().map(|route| route.number).collect();
        assert_eq!(numbers, [0, 1, 0]);
        assert_eq!(routes[1].backend, backends.addresses()[1]);
        assert!(Route::spread(&[] as &[&str], &backends).is_err());
    }
}
