//! Why connections fail, as counted and reported.

use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};

use crate::hello::HelloError;

/// Why a connection was closed other than by both of its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The client does not speak TLS, or does not start with a `ClientHello`.
    NotTls,
    /// The `ClientHello` breaks the rules of TLS.
    Malformed,
    /// The `ClientHello` names two hosts.
    DuplicateName,
    /// The server name is empty, not ASCII, or otherwise not a host name.
    BadName,
    /// The `ClientHello` is longer than 16 KiB.
    HelloTooLong,
    /// The `ClientHello` was not complete in time.
    HelloTimeout,
    /// The client closed or reset before its `ClientHello` was complete.
    HelloUnfinished,
    /// No route takes the name, and there is no catch-all.
    NoRoute,
    /// The route has no backend yet.
    NoBackend,
    /// The backend refused the connection.
    ConnectRefused,
    /// The backend did not answer in time.
    ConnectTimeout,
    /// The backend cannot be reached for another reason.
    ConnectFailed,
    /// No file descriptor became free for the connection to the backend.
    OutOfFiles,
    /// The client reset the connection, or vanished.
    ClientReset,
    /// The backend reset the connection, or vanished.
    BackendReset,
    /// Half-closed or blocked, nothing moved for the stall limit.
    Stalled,
}

impl Reason {
    /// All reasons, in the order of the variants.
    pub const ALL: [Self; 16] = [
        Self::NotTls,
        Self::Malformed,
        Self::DuplicateName,
        Self::BadName,
        Self::HelloTooLong,
        Self::HelloTimeout,
        Self::HelloUnfinished,
        Self::NoRoute,
        Self::NoBackend,
        Self::ConnectRefused,
        Self::ConnectTimeout,
        Self::ConnectFailed,
        Self::OutOfFiles,
        Self::ClientReset,
        Self::BackendReset,
        Self::Stalled,
    ];

    /// Why connecting to a backend failed.
    pub(crate) fn of_connect(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::ConnectRefused,
            io::ErrorKind::TimedOut => Self::ConnectTimeout,
            _ if crate::files::exhausted(error) => Self::OutOfFiles,
            _ => Self::ConnectFailed,
        }
    }
}

impl From<HelloError> for Reason {
    fn from(error: HelloError) -> Self {
        match error {
            HelloError::NotTls | HelloError::NotClientHello => Self::NotTls,
            HelloError::Interleaved
            | HelloError::EmptyFragment
            | HelloError::RecordTooLong
            | HelloError::Malformed(_)
            | HelloError::UnknownNameType(_) => Self::Malformed,
            HelloError::TooLong => Self::HelloTooLong,
            HelloError::DuplicateName => Self::DuplicateName,
            HelloError::Name(_) => Self::BadName,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotTls => "not TLS",
            Self::Malformed => "malformed hello",
            Self::DuplicateName => "two names in the hello",
            Self::BadName => "bad name in the hello",
            Self::HelloTooLong => "hello too long",
            Self::HelloTimeout => "hello too slow",
            Self::HelloUnfinished => "closed before the hello",
            Self::NoRoute => "no route",
            Self::NoBackend => "no backend",
            Self::ConnectRefused => "connection refused",
            Self::ConnectTimeout => "backend too slow to accept",
            Self::ConnectFailed => "backend unreachable",
            Self::OutOfFiles => "out of file descriptors",
            Self::ClientReset => "reset by the client",
            Self::BackendReset => "reset by the backend",
            Self::Stalled => "stalled",
        })
    }
}
