//! What to do about an error.

use crate::Error;

impl Error {
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
    let resource = match resource.split_once('/') {
        Some((resource, part)) => format!("{resource} --subresource {part}"),
        None => resource,
    };
    Some(format!("kubectl auth can-i {verb} {resource} {scope}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Action;

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
    fn names_the_missing_permission_for_a_part_of_an_object() {
        let reason =
            r#"User "u" cannot create resource "pods/portforward" in API group "" in the namespace "gitea""#;
        let wanted = "`kubectl auth can-i create pods --subresource portforward --namespace gitea`";
        assert!(forbidden(reason).contains(wanted));
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
