//! What the refusal of a request about an object means.
//!
//! Which answers there are was tried on a kube-apiserver 1.33.

use std::collections::BTreeSet;

use kube::core::Status;
use kube::core::response::StatusCause;
use kube::error::DiscoveryError;

use crate::place::Place;
use crate::{Action, Error, text};

/// Longest text of a server that is shown, in characters.
const MAX_REASON: usize = 300;
/// How many fields are named, at most.
const NAMED: usize = 5;

/// What `error` means, met at the cluster `server`.
pub(crate) fn of(server: &str, action: Action, place: &Place<'_>, error: &kube::Error) -> Error {
    let what = place.to_string();
    let status = match error {
        kube::Error::Api(status) => status,
        kube::Error::Discovery(DiscoveryError::MissingKind(_)) => return unknown(place),
        other => return with_action(Error::of(server, &what, other), action),
    };
    let said = text::line(&status.message, MAX_REASON);
    match status.code {
        400 | 405 | 406 | 413 | 415 | 422 => place.invalid(&said),
        // A webhook chooses the code of its refusal, often this one.
        403 if said.starts_with("admission webhook ") => place.invalid(&said),
        403 if causes(status).any(|cause| cause.reason == "NamespaceTerminating") => {
            let namespace = place.namespace.unwrap_or_default();
            Error::Terminating { what, deleted: format!("namespace `{namespace}`") }
        }
        404 => match named(status) {
            None => unknown(place),
            Some(("namespaces", namespace)) if Some(namespace) == place.namespace => {
                Error::NoNamespace { what, namespace: namespace.to_owned() }
            }
            Some(_) => with_action(Error::of(server, &what, error), action),
        },
        409 if conflicts(status).next().is_some() => conflict(what, said, status),
        // What does not fit the kind's schema, of which it says no more.
        500 if status.reason.is_empty() && said.starts_with("failed to create typed patch object") => {
            place.invalid(&said)
        }
        _ => with_action(Error::of(server, &what, error), action),
    }
}

/// Whether it says that the object, or its namespace, does not exist. What is
/// said of a kind that is not known names none.
pub(crate) fn is_absence(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 404 && named(status).is_some())
}

fn unknown(place: &Place<'_>) -> Error {
    Error::UnknownKind { what: place.kind.to_string() }
}

/// The plural of a kind, and a name.
fn named(status: &Status) -> Option<(&str, &str)> {
    let details = status.details.as_ref().filter(|details| !details.name.is_empty())?;
    Some((&details.kind, &details.name))
}

fn causes(status: &Status) -> impl Iterator<Item = &StatusCause> {
    status.details.iter().flat_map(|details| &details.causes)
}

fn conflicts(status: &Status) -> impl Iterator<Item = &StatusCause> {
    causes(status).filter(|cause| cause.reason == "FieldManagerConflict")
}

fn conflict(what: String, said: String, status: &Status) -> Error {
    let managers: BTreeSet<String> = conflicts(status).filter_map(|cause| manager(&cause.message)).collect();
    let mut fields: Vec<String> =
        conflicts(status).map(|cause| text::line(&cause.field, MAX_REASON)).collect();
    fields.retain(|field| !field.is_empty());
    fields.dedup();
    let more = fields.len().saturating_sub(NAMED);
    fields.truncate(NAMED);
    let reason = match (fields.is_empty(), more) {
        (true, _) => said,
        (false, 0) => fields.join(", "),
        (false, more) => format!("{} and {more} more", fields.join(", ")),
    };
    Error::Conflict { what, reason, managers: managers.into_iter().collect() }
}

/// The manager that is named in `conflict with "NAME" using v1`.
fn manager(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("conflict with \"")?;
    let (name, _) = rest.split_once('"')?;
    Some(text::line(name, MAX_REASON)).filter(|name| !name.is_empty())
}

fn with_action(error: Error, action: Action) -> Error {
    match error {
        Error::Forbidden { what, reason, .. } => Error::Forbidden { action, what, reason },
        Error::Refused { server, what, reason, .. } => Error::Refused { action, server, what, reason },
        other => other,
    }
}

#[cfg(test)]
#[path = "refusal_tests.rs"]
mod tests;
