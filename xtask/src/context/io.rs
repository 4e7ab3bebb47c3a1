//! I/O that is run to its end, or for so long.

use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::failure::Failure;

/// Runs I/O that takes away what we made, for `limit` at most, be the call
/// interrupted or out of time.
pub fn clean_up<T>(limit: Duration, what: &str, io: impl Future<Output = T>) -> anyhow::Result<T> {
    run_until(Instant::now() + limit, what, io)
}

/// Runs I/O to its end, unless the deadline passes; `what` is said to have been
/// waited for.
pub(super) fn run_until<T>(deadline: Instant, what: &str, io: impl Future<Output = T>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("cannot start an I/O runtime")?;
    let done = runtime.block_on(async { tokio::time::timeout_at(deadline.into(), io).await });
    runtime.shutdown_background();
    done.map_err(|_| {
        let help = "give it more time with `--timeout`";
        Failure::timed_out(format!("the time was up while waiting for {what}")).help(help).into()
    })
}
