//! What is wrong with a release, or with the server it goes to, as a failure of ours.

use git_seed::{Cause, Error, Fault};

use super::watched::still_wanted;
use crate::context::Context;
use crate::failure::Failure;

/// A release that is refused.
pub fn failed(cx: &Context, fault: Fault) -> anyhow::Error {
    if matches!(fault, Fault::Interrupted { .. })
        && let Err(error) = still_wanted(cx)
    {
        return error;
    }
    with_cause(&fault, Failure::failed(fault.to_string()).help(fault.help()))
}

/// A server that is not as it should be, or does not want the release.
pub fn failed_with(cx: &Context, error: &Error) -> anyhow::Error {
    let cause = error.cause();
    // Requests are broken off at the end of the call.
    if matches!(cause, Cause::Interrupted | Cause::Cut(_) | Cause::Unreachable(_) | Cause::Protocol(_))
        && let Err(error) = still_wanted(cx)
    {
        return error;
    }
    let failure = match cause {
        Cause::Unreachable(_) | Cause::Untrusted(_) | Cause::Server { .. } | Cause::Unsupported(_) => {
            Failure::missing(error.to_string())
        }
        _ => Failure::failed(error.to_string()),
    };
    with_cause(error, failure.help(error.help()))
}

fn with_cause(error: &dyn std::error::Error, failure: Failure) -> anyhow::Error {
    match error.source() {
        Some(source) => anyhow::anyhow!(source.to_string()).context(failure),
        None => failure.into(),
    }
}
