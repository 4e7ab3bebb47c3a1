//! What is wrong with the Git server, as a failure of ours.

use std::path::PathBuf;

use git_seed::{Cause, Error};

use crate::context::Context;
use crate::failure::Failure;
use crate::forge::bare::Bare;
use crate::process::Program;
use crate::profile::ForgeEngine;
use crate::release::{failed_with, still_wanted};

/// Words of Git's about a repository that is damaged, in small letters.
const DAMAGE: [&str; 15] = [
    "bad config",
    "bad object",
    "bad ref",
    "broken link",
    "broken ref",
    "corrupt",
    "does not match",
    "garbage",
    "inflate",
    "invalid object",
    "mismatch",
    "missing",
    "not appear to be a git",
    "not our ref",
    "unable to read",
];
/// What the system says where the repository may well be sound, in small letters.
const MACHINE: [&str; 10] = [
    "broken pipe",
    "cannot allocate memory",
    "disk quota exceeded",
    "input/output error",
    "no space left",
    "out of memory",
    "permission denied",
    "read-only file system",
    "resource temporarily unavailable",
    "too many open files",
];

/// A server, or a repository on this machine, that is not as it should be.
pub fn told(cx: &Context, error: &Error) -> anyhow::Error {
    let failure = match error.cause() {
        Cause::Damaged { says } => Some(complained(cx, error, says)),
        _ => None,
    };
    match failure {
        Some(failure) if still_wanted(cx).is_ok() => failure.into(),
        _ => failed_with(cx, error),
    }
}

/// What Git complains of. The repository is made anew only if that is of use.
fn complained(cx: &Context, error: &Error, says: &str) -> Failure {
    let Some(folder) = folder(cx).map(|folder| cx.shown(&folder)) else {
        return Failure::missing(error.to_string()).help(error.help());
    };
    let look = Program::new("git").args(["--git-dir", folder.as_str(), "fsck"]);
    if is_damage(says) {
        let anew = "`cargo xtask down` and `cargo xtask up` make it anew, without the commits that are in it";
        return Failure::missing(error.to_string()).help(format!("`{look}` tells what is wrong; {anew}"));
    }
    Failure::missing(format!("Git fails in `{folder}`: {says}"))
        .help(format!("mend what it names; `{look}` tells whether the repository is sound"))
}

/// Whether Git's words tell of a repository that is damaged, and not of the
/// machine, of rights or of settings.
fn is_damage(says: &str) -> bool {
    let says = says.to_lowercase();
    DAMAGE.iter().any(|words| says.contains(words)) && !MACHINE.iter().any(|words| says.contains(words))
}

/// Where the repository is, if it is on this machine.
fn folder(cx: &Context) -> Option<PathBuf> {
    let is_here = cx.profile().ok()?.gitea().ok()?.engine == ForgeEngine::Bare;
    is_here.then(|| Bare::of(cx).ok().map(|bare| bare.path()))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_told_apart() {
        for says in [
            "fatal: bad config line 1 in file config",
            "error: object file ab/cd is empty; fatal: loose object abcd (stored in ab/cd) is corrupt",
            "fatal: 'a.git' does not appear to be a git repository",
            "upload-pack: not our ref 1111111111111111111111111111111111111111",
            "error: inflate: data stream error (incorrect header check)",
            "fatal: missing blob object 'abcd'",
            "warning: ignoring broken ref refs/heads/main",
        ] {
            assert!(is_damage(says), "{says}");
        }
        for says in [
            "fatal: Out of memory, malloc failed (tried to allocate 1 bytes)",
            "error: cannot fork() for pack-objects: Cannot allocate memory",
            "fatal: detected dubious ownership in repository at 'a.git'",
            "fatal: unable to read tree abcd: Too many open files",
            "fatal: unable to create thread: Resource temporarily unavailable",
            "error: unable to read object abcd: Disk quota exceeded",
            "fatal: write error: Broken pipe",
        ] {
            assert!(!is_damage(says), "{says}");
        }
    }
}
