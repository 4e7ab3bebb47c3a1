//! The ports chosen when the profile left them to the system, so that a router
//! that was killed comes back where it was.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use anyhow::Context as _;
use routing::EntryPoint;

use crate::replace::replace_private;
use crate::state::StateDir;

const FILE: &str = "ports.json";

/// The ports of the last time; none when there was none, or it is unreadable.
pub fn remembered(state: &StateDir) -> BTreeMap<EntryPoint, u16> {
    let text = std::fs::read(state.file(FILE)).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// Remembers the ports in use.
pub fn remember(state: &StateDir, listeners: &BTreeMap<EntryPoint, SocketAddr>) -> anyhow::Result<()> {
    let ports: BTreeMap<_, _> = listeners.iter().map(|(point, address)| (point, address.port())).collect();
    let text = serde_json::to_vec(&ports).context("cannot write the ports")?;
    replace_private(&state.file(FILE), &text)
}
