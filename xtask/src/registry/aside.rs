//! Work that cannot be interrupted, done where nobody waits for it in vain.

use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::oneshot;

use crate::context::Context;

/// When there is no deadline, the work has limits of its own.
const UNLIMITED: Duration = Duration::from_hours(24 * 365);

/// Does `work` on a thread of its own, and waits for it until the deadline or
/// an interrupt; then the thread is left behind, and ends with the program.
/// `what` is said to have been waited for.
pub fn aside<T: Send + 'static>(
    cx: &Context,
    what: &str,
    work: impl FnOnce() -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    let (done, result) = oneshot::channel();
    let worker = thread::Builder::new().name("transfer".into());
    // Nobody waits for it any more after an interrupt.
    worker.spawn(move || drop(done.send(work()))).context("cannot start a thread")?;
    cx.block_on(cx.deadline.or(UNLIMITED), what, result)?.context("a transfer broke down")?
}
