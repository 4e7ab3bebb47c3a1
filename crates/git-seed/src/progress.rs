//! How the caller is told how far it is.

use std::fmt;

/// What is going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The first pass: the archive is read and validated.
    Scan,
    /// The server is asked what it has.
    Compare,
    /// The second pass: the pack is made and sent.
    Send,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scan => "reading",
            Self::Compare => "comparing",
            Self::Send => "sending",
        })
    }
}

/// Is told how far it is, often; and may end it.
pub trait Progress: Sync {
    /// `done` bytes of `total` are behind us: of the source as it lies there
    /// for [`Phase::Scan`] and [`Phase::Send`], received from the server for
    /// [`Phase::Compare`]. `total` is `None` where nobody knows.
    fn at(&self, phase: Phase, done: u64, total: Option<u64>);

    /// Whether to give up, because the user said so or the time is up. What
    /// was under way ends with [`std::io::ErrorKind::Interrupted`] as its cause.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn at(&self, _: Phase, _: u64, _: Option<u64>) {}
}
