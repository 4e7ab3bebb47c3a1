//! Requests that end with the call.

use std::thread::{self, JoinHandle};

use anyhow::Context as _;
use tokio::sync::oneshot;
use ureq::Agent;

use crate::context::Context;

/// Breaks off an agent's requests, and refuses others, once the user interrupts
/// or the time is up. A request blocks: without this it would go on until the
/// server has been silent for too long. Over when dropped.
pub struct Ending {
    over: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ending {
    /// Watches for the end of the call in a thread of its own.
    pub fn of(cx: &Context, agent: Agent) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let runtime = runtime.context("cannot start an I/O runtime")?;
        let (over, is_over) = oneshot::channel();
        let (mut interrupt, deadline) = (cx.interrupt.listen(), cx.deadline.instant());
        let time_is_up = async move {
            match deadline {
                Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
                None => std::future::pending().await,
            }
        };
        let watch = async move {
            tokio::select! {
                _ = is_over => {}
                _ = interrupt.recv() => agent.shutdown(),
                () = time_is_up => agent.shutdown(),
            }
        };
        let thread = thread::Builder::new().name("ending".into()).spawn(move || runtime.block_on(watch));
        let thread = thread.context("cannot start a thread")?;
        Ok(Self { over: Some(over), thread: Some(thread) })
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        // Both fail only when the thread is gone already.
        drop(self.over.take());
        let _ = self.thread.take().map(JoinHandle::join);
    }
}
