//! Failures that know their exit status and what to do next.

use std::fmt;
use std::process::ExitCode;

/// Exit statuses other than 0; part of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Something went wrong.
    Failed = 1,
    /// The command line or a profile is not understood.
    Usage = 2,
    /// Something needed is missing or unhealthy.
    Missing = 3,
    /// A deadline passed.
    TimedOut = 4,
    /// It belongs to somebody else.
    Refused = 5,
    /// Ctrl-C, SIGTERM or SIGHUP.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What failed, with the exit status and the next step.
///
/// It is an error by itself, and context for another error:
///
/// ```ignore
/// fs::read(path).with_context(|| Failure::missing(format!("cannot read `{}`", path.display())))?;
/// ```
#[derive(Clone, Debug)]
pub struct Failure {
    exit: Exit,
    message: String,
    help: Option<String>,
}

impl Failure {
    /// A failure without anything more to say: exit status 1.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message)
    }

    /// Wrong use: exit status 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Something needed is missing or unhealthy: exit status 3.
    pub fn missing(message: impl Into<String>) -> Self {
        Self::new(Exit::Missing, message)
    }

    /// A deadline passed: exit status 4. The message names what was waited for.
    pub fn timed_out(message: impl Into<String>) -> Self {
        Self::new(Exit::TimedOut, message)
    }

    /// Refused, because it belongs to somebody else: exit status 5.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(Exit::Refused, message)
    }

    /// Ended by a signal: exit status 130.
    pub fn interrupted(message: impl Into<String>) -> Self {
        Self::new(Exit::Interrupted, message)
    }

    fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), help: None }
    }

    /// Says what to do next: a command to run, where there is one.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// The exit status of an error: that of its outermost [`Failure`], else 1.
pub fn exit_of(error: &anyhow::Error) -> Exit {
    error.downcast_ref::<Failure>().map_or(Exit::Failed, |failure| failure.exit)
}

/// The help of an error's outermost [`Failure`].
pub fn help_of(error: &anyhow::Error) -> Option<&str> {
    error.downcast_ref::<Failure>().and_then(|failure| failure.help.as_deref())
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn context_carries_exit_and_help() {
        let cause = std::io::Error::other("disk gone");
        let failed: anyhow::Result<()> = Err(cause).context(Failure::missing("no `x`").help("make x"));
        let error = failed.context("while bringing it up").unwrap_err();
        assert_eq!(exit_of(&error), Exit::Missing);
        assert_eq!(help_of(&error), Some("make x"));
        assert_eq!(error.to_string(), "while bringing it up");
    }
}
