//! Messages of the control socket: one JSON object a line, one request and one
//! reply for each connection.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use routing::RoutingTable;

use super::build;
use crate::failure::{Exit, Failure, exit_of, help_of};
use crate::printable::printable;

/// Version of the messages. It changes when an older program would misread
/// them; the fields of [`Request`] and [`Reply`] themselves never do, nor does
/// [`Verb::Stop`], so that every program can end the daemons of every other.
pub const PROTOCOL: u32 = 1;

/// Longest drain: nobody waits longer, and no clock runs over.
pub const MAX_DRAIN: Duration = Duration::from_hours(24);

/// What is asked.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request {
    /// The asker's [`PROTOCOL`].
    pub protocol: u32,
    /// What to do.
    #[serde(flatten)]
    pub verb: Verb,
}

impl Request {
    /// Reads a request of our protocol, or a stop in any: the error is the
    /// protocol of another request.
    pub fn read(line: &str) -> Result<Verb, Misread> {
        #[derive(Deserialize)]
        struct Envelope {
            protocol: u32,
        }
        let Envelope { protocol } = serde_json::from_str(line).map_err(Misread::Garbled)?;
        match serde_json::from_str(line) {
            Ok(Self { verb: verb @ Verb::Stop { .. }, .. }) => Ok(verb),
            _ if protocol != PROTOCOL => Err(Misread::Foreign(protocol)),
            Ok(Self { verb, .. }) => Ok(verb),
            Err(error) => Err(Misread::Garbled(error)),
        }
    }
}

/// Why a request cannot be answered.
#[derive(Debug)]
pub enum Misread {
    /// It is of this protocol.
    Foreign(u32),
    /// It is no request.
    Garbled(serde_json::Error),
}

/// What a daemon can do.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "lowercase")]
pub enum Verb {
    /// Tell how you are.
    Status,
    /// Route by this table from now on.
    Apply {
        /// The new table.
        table: RoutingTable,
    },
    /// End.
    Stop {
        /// How long open connections may still take, in milliseconds; at most
        /// [`MAX_DRAIN`] counts.
        drain_ms: u64,
    },
}

/// What is answered.
#[derive(Debug, Serialize, Deserialize)]
pub struct Reply {
    /// The daemon's [`PROTOCOL`].
    pub protocol: u32,
    /// The daemon's program version.
    pub version: String,
    /// The answer, or why there is none.
    pub answer: Result<Value, Failed>,
}

/// The daemon's first and only line on standard output.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ready<T> {
    /// It serves.
    Serving(T),
    /// It could not, and has ended.
    Failed(Failed),
}

/// How a daemon is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Status<T> {
    /// Its process.
    pub pid: u32,
    /// Its program version.
    pub version: String,
    /// Its build; that of a program which did not tell it is empty.
    #[serde(default)]
    pub build: String,
    /// Since when it serves (RFC 3339, UTC).
    pub started: String,
    /// What it does.
    #[serde(flatten)]
    pub service: T,
}

impl<T> Status<T> {
    /// Whether it runs this very build of the program.
    pub fn is_current(&self) -> bool {
        self.build == build::id()
    }
}

/// An error on its way to another process.
#[derive(Debug, Serialize, Deserialize)]
pub struct Failed {
    exit: u8,
    message: String,
    causes: Vec<String>,
    help: Option<String>,
}

impl Failed {
    /// Packs an error.
    pub fn new(error: &anyhow::Error) -> Self {
        Self {
            exit: exit_of(error) as u8,
            message: error.to_string(),
            causes: error.chain().skip(1).map(ToString::to_string).collect(),
            help: help_of(error).map(str::to_owned),
        }
    }

    /// The error again, as it was but for control characters.
    pub fn into_error(self) -> anyhow::Error {
        let message = printable(&self.message);
        let failure = match self.exit {
            exit if exit == Exit::Usage as u8 => Failure::usage(message),
            exit if exit == Exit::Missing as u8 => Failure::missing(message),
            exit if exit == Exit::TimedOut as u8 => Failure::timed_out(message),
            exit if exit == Exit::Refused as u8 => Failure::refused(message),
            exit if exit == Exit::Interrupted as u8 => Failure::interrupted(message),
            _ => Failure::failed(message),
        };
        let failure = match self.help {
            Some(help) => failure.help(printable(&help)),
            None => failure,
        };
        let innermost_first = self.causes.iter().rev().map(|cause| printable(cause));
        match innermost_first.map(anyhow::Error::msg).reduce(|cause, error| cause.context(error.to_string()))
        {
            Some(cause) => cause.context(failure),
            None => failure.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_survives_the_journey() {
        let error =
            anyhow::anyhow!("inner").context("middle").context(Failure::missing("outer").help("do x"));
        let sent = serde_json::to_string(&Failed::new(&error)).unwrap();
        let received = serde_json::from_str::<Failed>(&sent).unwrap().into_error();
        assert_eq!(format!("{error:#}"), format!("{received:#}"));
        assert_eq!(exit_of(&received), Exit::Missing);
        assert_eq!(help_of(&received), Some("do x"));
    }

    #[test]
    fn an_error_cannot_steer_the_terminal() {
        let error = anyhow::anyhow!("in\x1b[1mner").context(Failure::failed("ou\rter").help("do\x07 x"));
        let received = Failed::new(&error).into_error();
        assert_eq!(format!("{received:#}"), "ou ter: in [1mner");
        assert_eq!(help_of(&received), Some("do  x"));
    }

    #[test]
    fn requests_read_as_documented() {
        let request: Request = serde_json::from_str(r#"{"protocol":1,"verb":"stop","drain_ms":5}"#).unwrap();
        assert!(matches!(request.verb, Verb::Stop { drain_ms: 5 }));
    }

    #[test]
    fn only_a_stop_is_read_in_every_protocol() {
        let stop = Request::read(r#"{"protocol":7,"verb":"stop","drain_ms":5,"more":1}"#);
        assert!(matches!(stop, Ok(Verb::Stop { drain_ms: 5 })), "{stop:?}");
        for verb in ["status", "unheard_of"] {
            let read = Request::read(&format!(r#"{{"protocol":7,"verb":"{verb}"}}"#));
            assert!(matches!(read, Err(Misread::Foreign(7))), "{read:?}");
        }
        let garbled = Request::read(r#"{"protocol":1,"verb":"unheard_of"}"#);
        assert!(matches!(garbled, Err(Misread::Garbled(_))), "{garbled:?}");
    }
}
