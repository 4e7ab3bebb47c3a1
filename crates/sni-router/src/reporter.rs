//! Passes events on, few of each kind.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::event::{Event, PauseCause, Sink};
use crate::reason::Reason;

/// Events reported of a kind and a second.
const PER_SECOND: u32 = 10;

/// Events that clients can cause as often as they like.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Failed(Reason),
    Paused(PauseCause),
}

pub(crate) struct Reporter {
    sink: Sink,
    start: Instant,
    failures: [Mutex<Window>; Reason::ALL.len()],
    pauses: [Mutex<Window>; PauseCause::COUNT],
}

/// What was reported in one second.
#[derive(Default)]
struct Window {
    second: u64,
    reported: u32,
    left_out: u64,
}

impl Reporter {
    pub(crate) fn new(sink: Sink) -> Self {
        Self { sink, start: Instant::now(), failures: Default::default(), pauses: Default::default() }
    }

    pub(crate) fn send(&self, event: Event) {
        (self.sink)(event);
    }

    /// Sends the event made from the number of those left out before it.
    /// `false`: there were too many this second. Who does not try again has to
    /// [`leave_out`](Self::leave_out) the event.
    pub(crate) fn offer(&self, kind: Kind, event: impl FnOnce(u64) -> Event) -> bool {
        let second = self.start.elapsed().as_secs();
        // The window is free again before the sink is called.
        let admitted = self.window(kind).admit(second);
        admitted.map(|left_out| self.send(event(left_out))).is_some()
    }

    /// Lets the next event of the kind tell of one more left out.
    pub(crate) fn leave_out(&self, kind: Kind) {
        self.window(kind).left_out += 1;
    }

    fn window(&self, kind: Kind) -> MutexGuard<'_, Window> {
        let window = match kind {
            Kind::Failed(reason) => &self.failures[reason as usize],
            Kind::Paused(cause) => &self.pauses[cause as usize],
        };
        window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Window {
    /// `Some` when one more may be reported: how many were left out before.
    fn admit(&mut self, second: u64) -> Option<u64> {
        if second != self.second {
            *self = Self { second, reported: 0, left_out: self.left_out };
        }
        if self.reported == PER_SECOND {
            return None;
        }
        self.reported += 1;
        Some(std::mem::take(&mut self.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_thinned_out_and_what_is_left_out_is_told() {
        let mut window = Window::default();
        for number in 0..100 {
            let admitted = window.admit(7);
            assert_eq!(admitted, (number < 10).then_some(0));
            window.left_out += u64::from(admitted.is_none());
        }
        assert_eq!(window.admit(8), Some(90));
        assert_eq!(window.admit(8), Some(0));
    }
}
