//! Waiting before the same is tried again.

use std::hash::{BuildHasher, RandomState};
use std::thread;
use std::time::{Duration, Instant};

use crate::Progress;
use crate::cause::Cause;

/// How often it is looked whether the user wants it to end.
const STEP: Duration = Duration::from_millis(20);

/// Waits for `least`, and up to as long again: those who were turned away
/// together shall not come back together.
pub(crate) fn pause(least: Duration, progress: &dyn Progress) -> Result<(), Cause> {
    let [share, ..] = RandomState::new().hash_one(0).to_le_bytes();
    let end = Instant::now() + least + least * u32::from(share) / 255;
    loop {
        if progress.is_cancelled() {
            return Err(Cause::Interrupted);
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        thread::sleep(left.min(STEP));
    }
}
