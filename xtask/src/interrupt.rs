//! Ctrl-C, SIGTERM and SIGHUP: end the children first, then ourselves.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process_group};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tokio::sync::mpsc;

use crate::failure::Failure;

/// How long children may take to end after SIGTERM, before SIGKILL.
const GRACE: Duration = Duration::from_secs(5);
/// How long one may take that tidies up when its input ends, before SIGTERM.
const INPUT_GRACE: Duration = Duration::from_secs(1);

/// Whether the user asked to stop, and the children to end then.
///
/// Clones share one state.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    requested: bool,
    groups: BTreeMap<i32, Ending>,
    listeners: Vec<mpsc::UnboundedSender<()>>,
}

/// How a child ends early and leaves nothing behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// By SIGTERM.
    Signal,
    /// When its input ends, as ours does; by SIGTERM if it does not then.
    Input,
}

/// A child's process group; forgotten when this is dropped.
#[derive(Debug)]
pub struct Group {
    interrupt: Interrupt,
    id: i32,
    ending: Ending,
}

impl Interrupt {
    /// Starts the thread that waits for signals.
    pub fn install() -> anyhow::Result<Self> {
        let interrupt = Self::default();
        let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM]).context("cannot wait for signals")?;
        let seen = interrupt.clone();
        thread::Builder::new()
            .name("signals".into())
            .spawn(move || signals.forever().for_each(|_| seen.request()))
            .context("cannot start the signal thread")?;
        Ok(interrupt)
    }

    /// Whether the user asked to stop.
    pub fn requested(&self) -> bool {
        self.state().requested
    }

    /// Fails with exit status 130 if the user asked to stop.
    pub fn check(&self) -> anyhow::Result<()> {
        if self.requested() { Err(Failure::interrupted("interrupted").into()) } else { Ok(()) }
    }

    /// A channel that gets a message when the user asks to stop.
    pub fn listen(&self) -> mpsc::UnboundedReceiver<()> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut state = self.state();
        // A daemon listens anew every few seconds, and may never be interrupted.
        state.listeners.retain(|listener| !listener.is_closed());
        if state.requested {
            // The receiver is held right here.
            let _ = sender.send(());
        }
        state.listeners.push(sender);
        receiver
    }

    /// Remembers a child that leads a process group of its own.
    pub fn watch_group(&self, id: u32, ending: Ending) -> Group {
        let id = i32::try_from(id).unwrap_or_default();
        let requested = {
            let mut state = self.state();
            state.groups.insert(id, ending);
            state.requested
        };
        if requested {
            signal_group(id, Signal::TERM);
        }
        Group { interrupt: self.clone(), id, ending }
    }

    /// The first request ends the children politely, a second one at once.
    fn request(&self) {
        let again = {
            let mut state = self.state();
            let again = state.requested;
            state.requested = true;
            state.listeners.retain(|listener| listener.send(()).is_ok());
            again
        };
        if again {
            return self.signal_all(Signal::KILL);
        }
        // Before anything that may fail, as a new thread may.
        self.signal(Ending::Signal, Signal::TERM);
        let interrupt = self.clone();
        thread::spawn(move || {
            thread::sleep(INPUT_GRACE);
            interrupt.signal(Ending::Input, Signal::TERM);
            thread::sleep(GRACE.saturating_sub(INPUT_GRACE));
            interrupt.signal_all(Signal::KILL);
        });
    }

    fn signal_all(&self, signal: Signal) {
        self.signal(Ending::Signal, signal);
        self.signal(Ending::Input, signal);
    }

    fn signal(&self, ending: Ending, signal: Signal) {
        for (&group, _) in self.state().groups.iter().filter(|(_, its)| **its == ending) {
            signal_group(group, signal);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Group {
    /// How long it may take to end by itself, before SIGTERM.
    pub fn grace(&self) -> Duration {
        match self.ending {
            Ending::Signal => Duration::ZERO,
            Ending::Input => INPUT_GRACE,
        }
    }

    /// Sends SIGTERM to the group.
    pub fn terminate(&self) {
        signal_group(self.id, Signal::TERM);
    }

    /// Sends SIGKILL to the group.
    pub fn kill(&self) {
        signal_group(self.id, Signal::KILL);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.interrupt.state().groups.remove(&self.id);
    }
}

fn signal_group(id: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(id) {
        // A group that has ended already needs no signal.
        let _ = kill_process_group(pid, signal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_listens_no_more_is_forgotten() {
        let interrupt = Interrupt::default();
        let kept = interrupt.listen();
        for _ in 0..3 {
            drop(interrupt.listen());
        }
        let last = interrupt.listen();
        assert_eq!(interrupt.state().listeners.len(), 2);
        interrupt.request();
        for mut listener in [kept, last, interrupt.listen()] {
            assert_eq!(listener.try_recv(), Ok(()));
        }
    }
}
