//! Times, from the cluster's type to that of the standard library.

use std::time::{Duration, SystemTime};

use k8s_openapi::jiff::Timestamp;

/// The time to the millisecond; `None` before 1970.
pub(crate) fn system_time(time: Timestamp) -> Option<SystemTime> {
    let milliseconds = u64::try_from(time.as_millisecond()).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds))
}
