//! Why the cluster does not tell.

/// Why the cluster does not tell.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no configuration, or it cannot be used.
    #[error("{message}")]
    Configuration {
        /// What is wrong, in lower case.
        message: String,
        /// What to do.
        help: String,
    },
    /// No answer: refused, silent, or cut.
    #[error("the cluster at `{server}` cannot be reached: {reason}")]
    Unreachable {
        /// The address of its API.
        server: String,
        /// In a few words.
        reason: String,
    },
    /// Its certificate is not what the kubeconfig trusts, or has expired; or ours has.
    #[error("the cluster at `{server}` cannot be trusted: {reason}")]
    Untrusted {
        /// The address of its API.
        server: String,
        /// In a few words.
        reason: String,
    },
    /// It does not know us (401).
    #[error("the cluster at `{server}` does not accept these credentials")]
    Unauthenticated {
        /// The address of its API.
        server: String,
    },
    /// It knows us, and does not let us look (403).
    #[error("not allowed to read {what}: {reason}")]
    Forbidden {
        /// The object or kind.
        what: String,
        /// As the cluster says.
        reason: String,
    },
    /// Any other refusal.
    #[error("the cluster at `{server}` refuses to tell {what}: {reason}")]
    Refused {
        /// The address of its API.
        server: String,
        /// The object or kind.
        what: String,
        /// Status and message.
        reason: String,
    },
}

impl Error {
    /// What to do about it, with a command to run.
    pub fn help(&self) -> String {
        todo!()
    }
}
