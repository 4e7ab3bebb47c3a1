//! Small messages to and fro over connections that stand.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::{Window, while_clients_run};
use crate::client_hello::Mode;
use crate::route::Route;
use crate::statistics::percentile;
use crate::target::Target;

/// Connections that send at the same time. More than one would measure how the
/// scheduler queues the ends, which wait for each other on few cores.
pub(crate) const CONNECTIONS: usize = 1;
/// Bytes of a request, and of its response.
pub(crate) const MESSAGE: usize = 64;

/// Percentiles of the round trip.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RoundTrip {
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

/// The time from sending a request to having its response.
pub(crate) fn percentiles(target: &Target, routes: &[Route], window: Window) -> Result<RoundTrip> {
    let record = AtomicBool::new(false);
    let client = |number: usize, stop: &AtomicBool| {
        ping(target, &routes[number % routes.len()], &record, stop)
            .with_context(|| format!("round trips through `{}`", target.name))
    };
    let observe = || {
        thread::sleep(window.warm_up);
        record.store(true, Ordering::Relaxed);
        thread::sleep(window.length);
    };
    let ((), times) = while_clients_run(CONNECTIONS, client, observe)?;
    let mut times = times.concat();
    let mut at = |percent| percentile(&mut times, percent).map(Duration::from_nanos);
    let (p50, p99) =
        at(50).zip(at(99)).with_context(|| format!("no round trip through `{}`", target.name))?;
    Ok(RoundTrip { p50, p99 })
}

/// Returns the recorded times in nanoseconds.
fn ping(target: &Target, route: &Route, record: &AtomicBool, stop: &AtomicBool) -> Result<Vec<u64>> {
    let mut stream = target.open_to_send(route, Mode::Echo)?;
    let mut message = [0x5a; MESSAGE];
    let mut times = Vec::with_capacity(1 << 17);
    while !stop.load(Ordering::Relaxed) {
        let begin = Instant::now();
        stream.write_all(&message)?;
        stream.read_exact(&mut message)?;
        if record.load(Ordering::Relaxed) {
            times.push(u64::try_from(begin.elapsed().as_nanos())?);
        }
    }
    Ok(times)
}
