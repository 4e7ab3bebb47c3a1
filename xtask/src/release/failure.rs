//! What is wrong with a release, or with the server it goes to, as a failure of ours.

use std::error::Error as _;

use git_seed::{Cause, Error, Fault};

use super::carried::own;
use super::watched::still_wanted;
use crate::context::Context;
use crate::failure::Failure;

/// A release that is refused, and what to do about it.
pub fn failed(cx: &Context, fault: &Fault, help: String) -> anyhow::Error {
    if matches!(fault, Fault::Interrupted { .. })
        && let Err(error) = still_wanted(cx)
    {
        return error;
    }
    let failure = Failure::failed(fault.to_string()).help(help);
    match fault.source() {
        Some(source) => anyhow::anyhow!(source.to_string()).context(failure),
        None => failure.into(),
    }
}

/// A server that is not as it should be, or does not want the release. The
/// message has the cause in it; what our own part of the connection could not
/// do says so itself.
pub fn failed_with(cx: &Context, error: &Error) -> anyhow::Error {
    // Programs that were ended for it break off, and look like servers that failed.
    if let Err(error) = still_wanted(cx) {
        return error;
    }
    if let Some(own) = own(error) {
        return own;
    }
    let failure = match error.cause() {
        Cause::Unreachable(_) | Cause::Untrusted(_) | Cause::Server { .. } | Cause::Unsupported(_) => {
            Failure::missing(error.to_string())
        }
        _ => Failure::failed(error.to_string()),
    };
    failure.help(error.help()).into()
}
