//! The git that users have.

use std::path::Path;
use std::process::Command;

use super::bed::Bed;

/// What git printed, and whether it succeeded.
pub fn git(bed: &Bed, dir: &Path, args: &[&str]) -> (bool, String) {
    let people = ["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"];
    let output = Command::new("git")
        .args(args)
        .current_dir(dir)
        .envs(people.map(|name| (name, "someone")))
        .envs([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null"), ("LC_ALL", "C")])
        .env("GIT_SSL_CAINFO", bed.authority())
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

/// What git printed, for it succeeded.
#[track_caller]
pub fn run(bed: &Bed, dir: &Path, args: &[&str]) -> String {
    let (is_ok, said) = git(bed, dir, args);
    assert!(is_ok, "git {args:?}: {said}");
    said
}
