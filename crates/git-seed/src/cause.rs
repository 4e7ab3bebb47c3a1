//! What can go wrong between us and a Git server.

mod convert;

use std::{fmt, io};

use gix_hash::ObjectId;

use crate::Fault;

/// What went wrong. Shown, it continues a sentence that begins with the server's name.
///
/// A [`Remote`](crate::Remote) that knows the cause better than an
/// [`io::Error`] can tell puts one of these into it: `io::Error::from(cause)`.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// The archive: found on the second pass, as it was changed since the first.
    #[error("was sent nothing: {0}")]
    Fault(Fault),
    /// The user ended it, or the time was up.
    #[error("was left, as the seeding was interrupted")]
    Interrupted,
    /// The address is not one that this can use.
    #[error("is not an address of a repository: {0}")]
    Address(&'static str),
    /// The name of the branch is not one that Git allows.
    #[error("cannot have a branch named `{0}`")]
    Branch(String),
    /// HTTP 401.
    #[error("{}", if *.given { "refused the credentials (401)" } else { "wants credentials (401)" })]
    Unauthorized {
        /// Whether credentials were sent.
        given: bool,
    },
    /// HTTP 403: also an archived repository or a mirror, and in Gitea one that does not exist.
    #[error("forbids it (403){}", Said(.says))]
    Forbidden {
        /// The server's words, if it has any.
        says: String,
    },
    /// HTTP 404: also a repository that these credentials may not see.
    #[error("has no such repository, or hides it from these credentials (404)")]
    NotFound,
    /// HTTP 3xx, which is never followed.
    #[error("has moved to `{to}` ({status})")]
    Redirected {
        /// The status.
        status: u16,
        /// The new address as the server gives it, without credentials and query.
        to: String,
    },
    /// HTTP 411: something in front takes no body of unknown length.
    #[error("takes no upload without a length (411)")]
    LengthRequired,
    /// HTTP 413: something in front limits the size of a body.
    #[error("takes no upload of this size (413)")]
    TooLarge,
    /// Another status that says the request was wrong.
    #[error("answered with status {status}{}", Said(.says))]
    Status {
        /// The status, below 500.
        status: u16,
        /// The server's words, if it has any.
        says: String,
    },
    /// HTTP 5xx. Has been tried several times.
    #[error("failed with status {status}{}", Said(.says))]
    Server {
        /// The status, 500 or above.
        status: u16,
        /// The server's words, if it has any.
        says: String,
    },
    /// An answer of another kind than Git's: a login page, say.
    #[error("answered with `{content_type}` where Git's protocol was expected")]
    NotGit {
        /// What it says it is; may be empty.
        content_type: String,
    },
    /// No connection, or the time for an answer was up.
    #[error("cannot be reached: {0}")]
    Unreachable(io::Error),
    /// The connection ended too early. Has been tried several times.
    #[error("broke off the connection: {0}")]
    Cut(io::Error),
    /// The server's certificate is not one to trust.
    #[error("has a certificate that is not trusted: {0}")]
    Untrusted(String),
    /// The server understood, and did not want it: a hook, a protected branch, a full disk.
    #[error("refused the commit: {reason}{}", Said(.says))]
    Refused {
        /// The reason in the protocol.
        reason: String,
        /// What it, or its hook, said besides.
        says: String,
    },
    /// It cannot read what it has: an object, a reference or its settings.
    #[error("is damaged, or may not be read: {says}")]
    Damaged {
        /// Git's words.
        says: String,
    },
    /// Somebody else writes to the branch, and was there first, twice.
    #[error("has another writer: the branch was at {}, then at {}", Shown(.seen), Shown(.found))]
    Conflict {
        /// The commit that was to be the parent.
        seen: Option<ObjectId>,
        /// The commit that is there now.
        found: Option<ObjectId>,
    },
    /// The server lacks what this needs.
    #[error("lacks {0}")]
    Unsupported(String),
    /// The server broke the rules of the protocol.
    #[error("sent what is not Git's protocol: {0}")]
    Protocol(String),
}

impl Cause {
    pub(crate) fn protocol(what: impl Into<String>) -> Self {
        Self::Protocol(what.into())
    }

    /// What it means where nothing was to be written.
    pub(crate) fn of_reading(self) -> Self {
        match self {
            Self::Refused { reason, says } if says.is_empty() => Self::Damaged { says: reason },
            // What it said before has the details.
            Self::Refused { reason, says } => Self::Damaged { says: format!("{says}; {reason}") },
            other => other,
        }
    }

    /// Whether the same again may well succeed.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self, Self::Cut(_) | Self::Server { .. })
    }

    pub(crate) fn help(&self) -> String {
        let text = match self {
            Self::Fault(fault) => return fault.help(),
            Self::Interrupted => "run it again: the branch is as it was, or complete",
            Self::Address(_) => "give it as `https://host/owner/name.git`, and credentials apart",
            Self::Branch(_) => "name another branch",
            Self::Unauthorized { .. } => "give a token that may write to the repository",
            Self::Forbidden { .. } => {
                "the repository may be archived, a mirror, or absent, or the account may not write to it"
            }
            Self::NotFound => "create the repository first, and check its address and the account",
            Self::Redirected { .. } => {
                "use the new address: redirects are not followed, so no token goes astray"
            }
            Self::LengthRequired => "reach the server without the proxy that is in front of it",
            Self::TooLarge => "raise the limit of the proxy in front of the server, or reach it without",
            Self::Status { .. } | Self::Protocol(_) => "check that this is the address of a Git repository",
            Self::Server { .. } => "look at the server's log",
            Self::NotGit { .. } => "a proxy or a login page may be in front of the server",
            Self::Unreachable(_) => "check the address, and that the server runs",
            Self::Cut(_) => "look at the server's log; a proxy in front of it may limit the size of a body",
            Self::Untrusted(_) => "give the CA that issued it, or pin exactly this certificate",
            Self::Refused { .. } => "mend what the server names, then run it again",
            Self::Damaged { .. } => "see what `git fsck` says of the repository, and mend it or make it anew",
            Self::Conflict { .. } => "run it again when the other writer is done; no commit was lost",
            Self::Unsupported(_) => "use a server with Git 2.20 or newer behind it",
        };
        text.to_owned()
    }
}

struct Said<'a>(&'a str);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, "; it says: {}", self.0) }
    }
}

struct Shown<'a>(&'a Option<ObjectId>);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(id) => id.fmt(f),
            None => f.write_str("no commit"),
        }
    }
}
