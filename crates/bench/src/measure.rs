//! The measurements, and what they share: clients on threads, and a window.

pub(crate) mod connections;
pub(crate) mod idle;
pub(crate) mod round_trip;
pub(crate) mod throughput;

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

/// When counting begins and how long it goes on, after the clients started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) warm_up: Duration,
    pub(crate) length: Duration,
}

impl Window {
    /// What `counter` grows by per second within the window.
    #[expect(clippy::cast_precision_loss, reason = "no counter grows by 2^52 within seconds")]
    fn rate(self, counter: impl Fn() -> u64) -> f64 {
        thread::sleep(self.warm_up);
        let (begin, before) = (Instant::now(), counter());
        thread::sleep(self.length);
        let (elapsed, after) = (begin.elapsed(), counter());
        (after - before) as f64 / elapsed.as_secs_f64()
    }
}

/// Runs `clients` copies of `client` until `observe` returns.
///
/// Each client gets its number and the flag that ends it. Returns what was
/// observed and what the clients returned, or the error of the first that
/// failed.
fn while_clients_run<T: Send, R>(
    clients: usize,
    client: impl Fn(usize, &AtomicBool) -> Result<T> + Sync,
    observe: impl FnOnce() -> R,
) -> Result<(R, Vec<T>)> {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let (client, stop) = (&client, &stop);
        let running: Vec<_> = (0..clients).map(|number| scope.spawn(move || client(number, stop))).collect();
        let observed = observe();
        stop.store(true, Ordering::Relaxed);
        let results = running
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
            .collect::<Result<_>>()?;
        Ok((observed, results))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use anyhow::bail;

    use super::*;

    #[test]
    fn clients_run_until_observed() {
        let count = AtomicU64::new(0);
        let client = |number: usize, stop: &AtomicBool| {
            while !stop.load(Ordering::Relaxed) {
                count.fetch_add(1, Ordering::Relaxed);
            }
            Ok(number)
        };
        let window = Window { warm_up: Duration::ZERO, length: Duration::from_millis(1) };
        let observe = || {
            while count.load(Ordering::Relaxed) == 0 {
                thread::yield_now();
            }
            window.rate(|| 7)
        };
        let (rate, numbers) = while_clients_run(3, client, observe).unwrap();
        assert_eq!(numbers, [0, 1, 2]);
        assert!(rate.abs() < f64::EPSILON);
    }

    #[test]
    fn a_client_that_fails_fails_all() {
        let client = |number: usize, _: &AtomicBool| if number == 1 { bail!("broken") } else { Ok(()) };
        let error = while_clients_run(2, client, || ()).unwrap_err();
        assert_eq!(error.to_string(), "broken");
    }
}
