//! A failure, and the server it happened with.

use std::fmt;

use crate::cause::Cause;

/// A failure, and the server it happened with.
#[derive(Debug)]
pub struct Error {
    remote: String,
    cause: Cause,
}

impl Error {
    pub(crate) fn new(remote: String, cause: Cause) -> Self {
        Self { remote, cause }
    }

    /// What it was, for a caller who answers one cause apart from others.
    pub fn cause(&self) -> &Cause {
        &self.cause
    }

    /// What to do next, in one sentence.
    pub fn help(&self) -> String {
        self.cause.help()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Fault(fault) => fault.fmt(f),
            Cause::Interrupted => f.write_str("the seeding was interrupted"),
            cause => write!(f, "`{}` {cause}", self.remote),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.cause {
            Cause::Unreachable(error) | Cause::Cut(error) => Some(error),
            _ => None,
        }
    }
}
