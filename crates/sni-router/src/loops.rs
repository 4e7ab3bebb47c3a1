//! Refuses tables that send connections back to the router.

use std::io;
use std::net::IpAddr;

use routing::{BackendError, RoutingTable};

use crate::shared::ListenerState;

/// Why a table cannot be put in force.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// A route's backend is one of the router's own listeners.
    #[error("route `{route}`")]
    Loop {
        /// The name of the route.
        route: String,
        /// The addresses that meet.
        source: BackendError,
    },
    /// A listener takes every address of this machine, and which those are
    /// cannot be found out.
    #[error("the addresses of this machine cannot be listed")]
    Addresses(#[source] io::Error),
}

pub(crate) fn refuse(table: &RoutingTable, listeners: &[ListenerState]) -> Result<(), ApplyError> {
    let listening: Vec<_> = listeners.iter().map(|listener| listener.address).collect();
    let everywhere = listening.iter().any(|address| address.ip().is_unspecified());
    let local = if everywhere { local_addresses().map_err(ApplyError::Addresses)? } else { vec![] };
    for route in table.routes() {
        let Some(backend) = route.backend else { continue };
        let refused = backend.refuse_loop(&listening, &local);
        refused.map_err(|source| ApplyError::Loop { route: route.name.clone(), source })?;
    }
    Ok(())
}

/// As the interfaces have them. Binding to an address would not tell: with
/// `net.ipv4.ip_nonlocal_bind` that works for any.
fn local_addresses() -> io::Result<Vec<IpAddr>> {
    Ok(if_addrs::get_if_addrs()?.iter().map(if_addrs::Interface::ip).collect())
}
