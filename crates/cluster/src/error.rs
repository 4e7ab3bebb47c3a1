//! Why the cluster does not tell, or not do, what it is asked.

use crate::Action;

/// Why the cluster does not tell, or not do, what it is asked.
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
    /// It knows us, and does not let us do it (403).
    #[error("not allowed to {action} {what}: {reason}")]
    Forbidden {
        /// What we may not do.
        action: Action,
        /// The object or kind.
        what: String,
        /// As the cluster says.
        reason: String,
    },
    /// Another manager has set fields to something else (409).
    #[error("cannot apply {what}, of which {} set other values: {reason}", these(managers))]
    Conflict {
        /// The object.
        what: String,
        /// The fields, as the cluster names them; else what it says.
        reason: String,
        /// The managers, sorted; empty where the cluster names none.
        managers: Vec<String>,
    },
    /// It does not know the kind: what defines it is not there, or not yet (404).
    #[error("the cluster does not know the {what}")]
    UnknownKind {
        /// The kind, with its group and version.
        what: String,
    },
    /// The namespace does not exist (404).
    #[error("cannot apply {what}: there is no namespace `{namespace}`")]
    NoNamespace {
        /// The object.
        what: String,
        /// Where it would be.
        namespace: String,
    },
    /// It, or its namespace, is being deleted.
    #[error("cannot apply {what}: {deleted} is being deleted")]
    Terminating {
        /// The object.
        what: String,
        /// What goes: itself, or its namespace.
        deleted: String,
    },
    /// It is not as it must be, or an admission webhook does not permit it.
    #[error("{what} is not accepted: {reason}")]
    Invalid {
        /// The object.
        what: String,
        /// As the cluster says.
        reason: String,
    },
    /// Any other refusal; a webhook that cannot be called is one.
    #[error("the cluster at `{server}` refuses to {} {what}: {reason}", .action.asked())]
    Refused {
        /// What it was asked to do.
        action: Action,
        /// The address of its API.
        server: String,
        /// The object or kind.
        what: String,
        /// Status and message.
        reason: String,
    },
}

impl Error {
    /// Whether it may pass without anybody mending it, so that asking again is of use.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::Refused { .. }
            | Self::UnknownKind { .. }
            | Self::Terminating { .. } => true,
            Self::Configuration { .. }
            | Self::Untrusted { .. }
            | Self::Unauthenticated { .. }
            | Self::Forbidden { .. }
            | Self::Conflict { .. }
            | Self::NoNamespace { .. }
            | Self::Invalid { .. } => false,
        }
    }
}

/// ``the managers `a`, `b` ``, ``the manager `a` ``, `another manager`.
fn these(managers: &[String]) -> String {
    let names = managers.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match managers {
        [] => "another manager has".to_owned(),
        [_] => format!("the manager {names} has"),
        _ => format!("the managers {names} have"),
    }
}
