//! Asks the cluster that kind made for a platform, and no other.

use std::time::Duration;

use cluster::Cluster;

use crate::context::Context;
use crate::discovery::failure;

/// How long the cluster may take, when `--timeout` says nothing.
const PATIENCE: Duration = Duration::from_mins(5);

/// Runs requests until they are answered, the time is up or the user
/// interrupts; `what` is said to have been waited for.
pub fn ask<T>(
    cx: &Context,
    what: &str,
    requests: impl AsyncFnOnce(Cluster) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let asking = async { requests(Cluster::open(&cx.own_access()).await?).await };
    let answer = cx.block_on(cx.deadline.or(PATIENCE), what, asking)?;
    answer.map_err(|error| match error.downcast::<cluster::Error>() {
        Ok(error) => failure(&error),
        Err(error) => error,
    })
}
