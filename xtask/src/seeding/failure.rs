//! What is wrong with the Git server, as a failure of ours.

use std::path::PathBuf;

use git_seed::{Cause, Error};

use crate::context::Context;
use crate::failure::Failure;
use crate::forge::bare::Bare;
use crate::process::Program;
use crate::profile::ForgeEngine;
use crate::release::{failed_with, still_wanted};

/// A server, or a repository on this machine, that is not as it should be.
pub fn told(cx: &Context, error: &Error) -> anyhow::Error {
    let failure = match error.cause() {
        Cause::Damaged { .. } => Some(damaged(cx, error)),
        // What a program of ours could not do is told as it is.
        Cause::Unreachable(inner) => inner.get_ref().and_then(|inner| inner.downcast_ref()).cloned(),
        _ => None,
    };
    match failure {
        Some(failure) if still_wanted(cx).is_ok() => failure.into(),
        _ => failed_with(cx, error),
    }
}

fn damaged(cx: &Context, error: &Error) -> Failure {
    let help = folder(cx).map(|folder| {
        let folder = cx.shown(&folder);
        let look = Program::new("git").args(["--git-dir", folder.as_str(), "fsck"]);
        format!("`{look}` tells what is wrong; `cargo xtask down` and `cargo xtask up` make it anew")
    });
    Failure::missing(error.to_string()).help(help.unwrap_or_else(|| error.help()))
}

/// Where the repository is, if it is on this machine.
fn folder(cx: &Context) -> Option<PathBuf> {
    let is_here = cx.profile().ok()?.gitea().ok()?.engine == ForgeEngine::Bare;
    is_here.then(|| Bare::of(cx).ok().map(|bare| bare.path()))?
}
