//! Short connections: how many a router carries in a second.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use anyhow::Result;

use super::{Window, while_clients_run};
use crate::client_hello::Mode;
use crate::route::Route;
use crate::target::Target;

/// Clients that connect at the same time.
pub(crate) const CLIENTS: usize = 8;

/// Connections per second. Each connects, sends a hello, waits for the answer
/// and closes; the clients go through all routes, each from another start.
pub(crate) fn per_second(target: &Target, routes: &[Route], window: Window) -> Result<f64> {
    let carried = AtomicU64::new(0);
    let client = |number: usize, stop: &AtomicBool| {
        let mut routes = routes.iter().cycle().skip(number * routes.len() / CLIENTS);
        while let Some(route) = routes.next().filter(|_| !stop.load(Ordering::Relaxed)) {
            target.open(route, Mode::Answer)?;
            carried.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    };
    let (rate, _) = while_clients_run(CLIENTS, client, || window.rate(|| carried.load(Ordering::Relaxed)))?;
    Ok(rate)
}
