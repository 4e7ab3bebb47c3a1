//! Looking for more for a moment before the thread sleeps.
//!
//! In a conversation of small messages the next one is often only microseconds
//! away, while waking a sleeping thread takes ten of them or more, above all on
//! a virtual machine. So a connection that has been talking for a while keeps
//! its thread awake for some turns of the event loop after each message, about
//! 20 µs; all other connections are served in those turns as well.

/// Turns of the event loop per message.
const TURNS: u8 = 30;
/// Messages after which a connection counts as talking. Short ones are left
/// out: they end before it pays.
const TALKING: u8 = 8;
/// A larger message in bytes is part of a bulk transfer, which is the more
/// efficient the more bytes come at a time.
const SMALL: u64 = 16 * 1024;

#[derive(Default)]
pub(super) struct Spin {
    moved: u64,
    messages: u8,
    turns: u8,
}

impl Spin {
    /// Whether to look for more at once, now that `moved` bytes have been moved.
    pub(super) fn again(&mut self, moved: u64) -> bool {
        let message = moved - std::mem::replace(&mut self.moved, moved);
        if message > SMALL {
            self.turns = 0;
        } else if message > 0 {
            self.messages = TALKING.min(self.messages + 1);
            self.turns = if self.messages == TALKING { TURNS } else { 0 };
        }
        let again = self.turns > 0;
        self.turns = self.turns.saturating_sub(1);
        again
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_conversations_keep_the_thread_awake() {
        let mut spin = Spin::default();
        assert!((1..8).all(|message| !spin.again(100 * message)), "it has just begun");
        assert!(spin.again(800));
        assert_eq!((0..100).filter(|_| spin.again(800)).count(), 29);
        assert!(spin.again(900));
        assert!(!spin.again(900 + SMALL + 1), "a bulk transfer");
        assert!(!spin.again(900 + SMALL + 1));
    }
}
