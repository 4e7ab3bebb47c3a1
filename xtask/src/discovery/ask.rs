//! Looking at the cluster until it is known what is there.

use std::time::Duration;

use anyhow::Context as _;
use cluster::{Cluster, Seen, Wanted};

use super::failure;
use crate::context::Context;
use crate::failure::Failure;

/// How long the cluster may take to answer, when `--timeout` says nothing.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long `--wait` waits, when `--timeout` says nothing.
const WAIT: Duration = Duration::from_mins(10);
/// Beyond the deadline of a look, for the look itself to end.
const SPARE: Duration = Duration::from_secs(1);
/// What is waited for at first.
const ANSWER: &str = "the cluster's answer";

/// What a look came to.
pub enum Look<T> {
    /// It is known.
    Done(T),
    /// There is not an answer for everything yet.
    Incomplete,
    /// It is waited for what this says.
    Waiting(String),
}

/// All that was seen, once there is an answer for everything.
#[expect(clippy::unnecessary_wraps, reason = "other looks fail")]
pub fn whole(seen: &Seen) -> anyhow::Result<Look<Seen>> {
    Ok(if seen.is_complete() { Look::Done(seen.clone()) } else { Look::Incomplete })
}

/// Watches until `look` is done. With `wait` that may take long, so it is told
/// what is waited for.
pub fn ask<T>(
    cx: &Context,
    wanted: &Wanted,
    wait: bool,
    look: impl Fn(&Seen) -> anyhow::Result<Look<T>>,
) -> anyhow::Result<T> {
    let deadline = cx.deadline.or(if wait { WAIT } else { PATIENCE });
    let mut waiting = ANSWER.to_owned();
    let watched = async {
        let cluster = Cluster::open(cx.access()).await.map_err(|error| failure(&error))?;
        let mut seen = cluster.watch(wanted);
        loop {
            let now = seen.borrow_and_update().clone();
            match look(&now)? {
                Look::Done(answer) => return Ok(answer),
                Look::Waiting(what) if what != waiting => {
                    cx.reporter.note(&format!("waiting for {what}"));
                    waiting = what;
                }
                Look::Waiting(_) | Look::Incomplete => {}
            }
            seen.changed().await.context("the watch ended by itself")?;
        }
    };
    let in_time = async { tokio::time::timeout_at(deadline.into(), watched).await };
    cx.block_on(deadline + SPARE, ANSWER, in_time)?.unwrap_or_else(|_| {
        Err(Failure::timed_out(format!("the time was up while waiting for {waiting}"))
            .help("give it more time with `--timeout`")
            .into())
    })
}
