//! A thread with a runtime of its own, on which connections stay.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::{Notify, watch};

use crate::relay::pipe;
use crate::settings::Settings;

/// Threads need little: the deepest stack is a few function calls.
const STACK: usize = 256 * 1024;

/// Whether and when to stop.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stop {
    Never,
    /// Let connections end until this moment.
    At(Instant),
    Now,
}

pub(crate) struct Worker {
    pub(crate) seat: Seat,
    thread: JoinHandle<usize>,
}

/// Where connections are placed.
#[derive(Clone)]
pub(crate) struct Seat {
    pub(crate) runtime: Handle,
    taken: Arc<Taken>,
}

#[derive(Default)]
struct Taken {
    count: AtomicUsize,
    none_left: Notify,
}

/// Held by every connection of a worker, so that it knows when the last ended.
pub(crate) struct Place(Arc<Taken>);

impl Worker {
    /// Starts the worker of this position among all. Returns when the thread runs.
    pub(crate) fn start(index: usize, settings: &Settings, stop: watch::Receiver<Stop>) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_io().enable_time().build()?;
        let seat = Seat { runtime: runtime.handle().clone(), taken: Arc::default() };
        let (settings, taken) = (settings.clone(), Arc::clone(&seat.taken));
        let pipes = share(settings.pipes, settings.workers, index);
        let thread = thread::Builder::new().name("sni-router".into()).stack_size(STACK);
        let thread = thread.spawn(move || {
            pipe::allow(pipes);
            run(&runtime, &settings, &taken, stop)
        })?;
        Ok(Self { seat, thread })
    }

    /// Waits for the thread to end and tells how many connections it cut.
    pub(crate) fn join(self) -> usize {
        self.thread.join().unwrap_or(0)
    }
}

/// What one of `workers` gets of `pipes`; all get them all.
fn share(pipes: usize, workers: usize, index: usize) -> usize {
    pipes / workers + usize::from(index < pipes % workers)
}

fn run(runtime: &Runtime, settings: &Settings, taken: &Taken, mut stop: watch::Receiver<Stop>) -> usize {
    runtime.block_on(async {
        tokio::spawn(tick(settings.clone()));
        // An error means that the router is gone, which is a reason to stop too.
        let stopped =
            stop.wait_for(|stop| !matches!(stop, Stop::Never)).await.map_or(Stop::Now, |stop| *stop);
        if let Stop::At(deadline) = stopped {
            let _ = tokio::time::timeout_at(deadline.into(), taken.wait_for_none()).await;
        }
        taken.count.load(Ordering::Acquire)
    })
}

/// Keeps a timer that ends sooner than any other that is set later. Else tokio
/// would wake its own thread, at the cost of a system call, for every timer
/// that is the first to end: one per connection.
async fn tick(settings: Settings) {
    let shortest = settings.hello_timeout.min(settings.connect_timeout).min(settings.stall_limit);
    let mut ticks = tokio::time::interval((shortest / 2).max(Duration::from_millis(1)));
    loop {
        ticks.tick().await;
    }
}

impl Seat {
    /// Counts a connection on this worker.
    pub(crate) fn take(&self) -> Place {
        self.taken.count.fetch_add(1, Ordering::Relaxed);
        Place(Arc::clone(&self.taken))
    }
}

impl Taken {
    async fn wait_for_none(&self) {
        loop {
            let none_left = self.none_left.notified();
            if self.count.load(Ordering::Acquire) == 0 {
                return;
            }
            none_left.await;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.0.count.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.none_left.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn workers_share_all_pipes_and_no_more() {
        for (pipes, workers) in [(0, 3), (1, 2), (7, 3), (64, 2), (64, 24)] {
            let shares: Vec<_> = (0..workers).map(|index| share(pipes, workers, index)).collect();
            assert_eq!(shares.iter().sum::<usize>(), pipes);
            assert!(shares[0] - shares[workers - 1] <= 1);
        }
    }
}
