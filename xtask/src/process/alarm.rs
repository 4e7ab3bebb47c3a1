//! Ends a program when the time is up, also while we wait for its words.

use std::convert::Infallible;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Instant;

use super::GRACE;
use crate::interrupt::Group;

/// Ends a program's group when the time is up, unless it is dropped before.
#[derive(Debug)]
pub(super) struct Alarm {
    _kept: Sender<Infallible>,
}

impl Alarm {
    /// Rings at `deadline`.
    pub(super) fn set(group: &Arc<Group>, deadline: Instant) -> Self {
        let (sender, dropped) = mpsc::channel::<Infallible>();
        let grace = group.grace();
        let group: Weak<Group> = Arc::downgrade(group);
        thread::spawn(move || {
            let left = deadline.saturating_duration_since(Instant::now());
            let politely = (left + grace, Group::terminate as fn(&_));
            for (time, end) in [politely, (GRACE, Group::kill)] {
                if dropped.recv_timeout(time) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
                if let Some(group) = group.upgrade() {
                    end(&group);
                }
            }
        });
        Self { _kept: sender }
    }
}
