//! What a failure of the HTTP client means.

use std::io;

use crate::cause::Cause;

impl From<ureq::Error> for Cause {
    fn from(error: ureq::Error) -> Self {
        match error {
            ureq::Error::Io(error) => Self::from(error),
            ureq::Error::Protocol(error) => Self::protocol(error.to_string()),
            ureq::Error::Timeout(_) => Self::Unreachable(io::Error::new(io::ErrorKind::TimedOut, error)),
            error => Self::Unreachable(io::Error::other(error)),
        }
    }
}
