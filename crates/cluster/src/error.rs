//! Why the cluster does not tell, or not do, what it is asked.

use std::fmt;

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
    #[error("cannot apply {what}: {} set otherwise what it has: {reason}", these(managers))]
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

/// What the cluster is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// To tell of it.
    Read,
    /// To make it so.
    Apply,
    /// To delete it.
    Delete,
}

impl Action {
    /// What it asks of the cluster.
    fn asked(self) -> &'static str {
        match self {
            Self::Read => "tell",
            Self::Apply => "apply",
            Self::Delete => "delete",
        }
    }

    /// The verbs of Kubernetes that it takes.
    fn right(self) -> &'static str {
        match self {
            Self::Read => "list and watch",
            Self::Apply => "get, create and patch",
            Self::Delete => "delete",
        }
    }
}

impl fmt::Display for Action {
    /// What it is for us.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            other => other.asked(),
        })
    }
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

    /// What to do about it, with a command to run.
    pub fn help(&self) -> String {
        match self {
            Self::Configuration { help, .. } => help.clone(),
            Self::Unreachable { .. } => {
                "check that the cluster runs, and the way to it: `kubectl cluster-info` asks the same address"
                    .into()
            }
            Self::Untrusted { .. } => {
                "fetch a new kubeconfig for this cluster; `kubectl config view --minify` shows \
                                       the certificates that this one names"
                    .into()
            }
            Self::Unauthenticated { .. } => {
                "log in anew, or fetch a new kubeconfig; `kubectl auth whoami` shows whom the cluster sees"
                    .into()
            }
            Self::Forbidden { action, reason, .. } => {
                let right = action.right();
                match permission(reason) {
                    Some(command) => {
                        format!("ask for the right to {right} it; `{command}` shows whether it is there")
                    }
                    None => format!(
                        "ask for the right to {right} it; `kubectl auth can-i --list` shows those there are"
                    ),
                }
            }
            Self::Conflict { .. } => {
                "let that manager set them, or remove them from it; `kubectl get --show-managed-fields \
                                      --output yaml` of it shows who set what"
                    .into()
            }
            Self::UnknownKind { .. } => {
                "install what defines it, or wait until that is ready; `kubectl api-resources` \
                                         shows the kinds there are"
                    .into()
            }
            Self::NoNamespace { namespace, .. } => format!("make it: `kubectl create namespace {namespace}`"),
            Self::Terminating { .. } => {
                "wait until it is gone; `kubectl get namespaces` shows which ones go, and \
                                         `kubectl describe` of it what it waits for"
                    .into()
            }
            Self::Invalid { .. } => {
                "correct what is named; `kubectl explain` of its kind tells what it may have".into()
            }
            Self::Refused { .. } => {
                "try again later; `kubectl get --raw '/readyz?verbose'` tells how the cluster is".into()
            }
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

/// The command that asks for the permission which `reason` says is missing, as
/// an API server words it: `… cannot list resource "services" in API group ""
/// in the namespace "argocd"`.
fn permission(reason: &str) -> Option<String> {
    let (_, denied) = reason.split_once(" cannot ")?;
    let (verb, denied) = denied.split_once(" resource ")?;
    let quoted = |text: &str, before: &str| {
        let (value, _) = text.split_once(before)?.1.split_once('"')?;
        Some(value.to_owned())
    };
    let resource = quoted(denied, "\"")?;
    let resource = match quoted(denied, "in API group \"").filter(|group| !group.is_empty()) {
        Some(group) => format!("{resource}.{group}"),
        None => resource,
    };
    let namespace = quoted(denied, "in the namespace \"");
    // What a server says becomes part of a command that people copy.
    let plain = |text: &str| text.chars().all(|char| char.is_ascii_alphanumeric() || "-./".contains(char));
    if ![Some(verb), Some(&resource), namespace.as_deref()].into_iter().flatten().all(plain) {
        return None;
    }
    let scope =
        namespace.map_or_else(|| "--all-namespaces".into(), |namespace| format!("--namespace {namespace}"));
    Some(format!("kubectl auth can-i {verb} {resource} {scope}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forbidden(reason: &str) -> String {
        Error::Forbidden { action: Action::Read, what: "service `a/b`".into(), reason: reason.into() }.help()
    }

    #[test]
    fn names_the_missing_permission() {
        let core = r#"services "x" is forbidden: User "u" cannot list resource "services" in API group "" in the namespace "argocd""#;
        assert!(forbidden(core).contains("`kubectl auth can-i list services --namespace argocd`"));
        let group = r#"forbidden: User "u" cannot watch resource "applications" in API group "argoproj.io" at the cluster scope"#;
        assert!(
            forbidden(group).contains("`kubectl auth can-i watch applications.argoproj.io --all-namespaces`")
        );
    }

    #[test]
    fn puts_no_foreign_text_into_a_command() {
        for reason in [
            "no",
            r#"User "u" cannot list resource "a; rm" in API group """#,
            r#"User "u" cannot list resource "a" in API group "" in the namespace "$(x)""#,
            r#"User "u" cannot `x` resource "a" in API group """#,
        ] {
            assert!(forbidden(reason).contains("`kubectl auth can-i --list`"), "{reason}");
        }
    }
}
