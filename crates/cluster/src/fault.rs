//! From what kube says to the kinds of trouble that are told apart.

use std::error::Error as StdError;
use std::io;
use std::iter;
use std::time::Duration;

use kube::client::AuthError;
use kube::core::Status;

use crate::{Action, Error, certificate, text};

/// Longest text of a server that is shown, in characters.
const MAX_REASON: usize = 300;

impl Error {
    /// What `error`, met at the cluster `server` when asking for `what`, means.
    pub(crate) fn of(server: &str, what: &str, error: &kube::Error) -> Self {
        if let kube::Error::Api(status) = error {
            return Self::of_status(server, what, status);
        }
        if let Some(error) = find::<AuthError>(error) {
            return credentials(error);
        }
        if let Some(error) = find::<rustls::Error>(error) {
            return match certificate::distrust(error) {
                Some(reason) => Self::Untrusted { server: server.into(), reason: reason.into() },
                None => Self::unreachable(server, "it does not speak TLS as it should"),
            };
        }
        match error {
            kube::Error::Service(_) | kube::Error::HyperError(_) | kube::Error::ReadEvents(_) => {
                Self::unreachable(server, connection(error))
            }
            kube::Error::SerdeError(_)
            | kube::Error::FromUtf8(_)
            | kube::Error::LinesCodecMaxLineLengthExceeded => {
                Self::refused(server, what, "its answer is not one of Kubernetes")
            }
            _ => Self::refused(server, what, text::line(&error.to_string(), MAX_REASON)),
        }
    }

    fn of_status(server: &str, what: &str, status: &Status) -> Self {
        let message = text::line(&status.message, MAX_REASON);
        let said = if message.is_empty() { text::line(&status.reason, MAX_REASON) } else { message };
        match status.code {
            401 => Self::Unauthenticated { server: server.into() },
            403 => Self::Forbidden { action: Action::Read, what: what.into(), reason: said },
            code => Self::refused(server, what, format!("{code} {said}").trim_end()),
        }
    }

    /// There was no answer for `limit`.
    pub(crate) fn silent(server: &str, limit: Duration) -> Self {
        Self::unreachable(server, format!("no answer within {} s", limit.as_secs()))
    }

    fn unreachable(server: &str, reason: impl Into<String>) -> Self {
        Self::Unreachable { server: server.into(), reason: reason.into() }
    }

    fn refused(server: &str, what: &str, reason: impl Into<String>) -> Self {
        Self::Refused {
            action: Action::Read,
            server: server.into(),
            what: what.into(),
            reason: reason.into(),
        }
    }
}

/// Why the user of the kubeconfig has no credentials. The output of a plug-in
/// and its arguments are kept back: a token may be among them.
pub(crate) fn credentials(error: &AuthError) -> Error {
    let reason = match error {
        AuthError::AuthExecStart(error) => format!("its plug-in cannot be started: {error}"),
        AuthError::AuthExecRun { out, .. } => format!("its plug-in failed with {}", out.status),
        AuthError::AuthExecParse(_) | AuthError::ExecPluginFailed => {
            "the output of its plug-in is no ExecCredential".into()
        }
        AuthError::ReadTokenFile(error, path) => format!("`{}` cannot be read: {error}", path.display()),
        AuthError::MissingCommand => "its plug-in has no command".into(),
        AuthError::AuthExec(message) => text::line(message, MAX_REASON),
        _ => "they are not of a kind that can be used".into(),
    };
    Error::Configuration {
        message: format!("the kubeconfig's user has no credentials: {reason}"),
        help: "log in as the cluster's provider says, until `kubectl auth whoami` answers".into(),
    }
}

/// Why there is no connection, or none any more.
fn connection(error: &kube::Error) -> String {
    let by_proxy =
        causes(error).find_map(|cause| cause.to_string().strip_prefix("tunnel error: ").map(str::to_owned));
    let reason = match find::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => "connection refused".into(),
        Some(io::ErrorKind::TimedOut) => "the connection cannot be made in time".into(),
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof) => {
            "the connection was cut".into()
        }
        Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
            "there is no route to it".into()
        }
        _ if causes(error).any(|cause| cause.to_string() == "dns error") => {
            "its name cannot be resolved".into()
        }
        _ => by_proxy.clone().unwrap_or_else(|| innermost(error)),
    };
    if by_proxy.is_some() { format!("by way of the proxy: {reason}") } else { reason }
}

fn innermost(error: &kube::Error) -> String {
    causes(error).last().map(|cause| text::line(&cause.to_string(), MAX_REASON)).unwrap_or_default()
}

/// The innermost cause of this type.
pub(crate) fn find<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    causes(error).filter_map(|cause| cause.downcast_ref()).last()
}

/// The error and its causes, outermost first. An `io::Error` that wraps another
/// names as its source what is below that one, so it is opened here.
fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    iter::successors(Some(error), |&error| {
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        }
    })
}
