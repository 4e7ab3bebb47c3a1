//! Commits in the repositories on disk that somebody made.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::bare::Bare;
use super::leftovers::is_leftover;
use crate::context::Context;
use crate::git::git;
use crate::printable::one_line;

/// A repository with commits that are no releases, or may have some.
pub struct Foreign {
    /// Its folder.
    pub repository: PathBuf,
    /// How many, or why they cannot be counted.
    pub commits: anyhow::Result<u64>,
}

/// All that there are on disk, whatever the profile says now.
pub fn foreign(cx: &Context) -> Vec<Foreign> {
    let owners = folders(&Bare::folder(cx));
    let whole = |path: &PathBuf| !path.file_name().is_some_and(is_leftover);
    let repositories = owners.iter().flat_map(|owner| folders(owner)).filter(whole);
    let looked = repositories.map(|repository| Foreign { commits: count(cx, &repository), repository });
    looked.filter(|it| !matches!(it.commits, Ok(0))).collect()
}

/// Where there is nothing to be listed there is nothing to be lost.
fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let mut folders: Vec<_> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// Commits on any branch that seeding did not make.
fn count(cx: &Context, repository: &Path) -> anyhow::Result<u64> {
    let count = |options: &[&str]| -> anyhow::Result<u64> {
        let list = git(cx).args(["rev-list", "--all", "--count"]).args(options);
        let (counted, said) = list.variable("GIT_DIR", repository).capture(cx)?;
        anyhow::ensure!(counted, "{}", one_line(&said));
        said.trim().parse().with_context(|| format!("Git counts `{}` commits", said.trim()))
    };
    let [author, committer] = ["author", "committer"].map(|who| format!("--{who}=^{}$", git_seed::AUTHOR));
    let digest = format!("--grep=^{}: sha256:[0-9a-f]{{64}}$", git_seed::DIGEST_TRAILER);
    let ours = ["--extended-regexp", &author, &committer, &digest];
    Ok(count(&[])?.saturating_sub(count(&ours)?))
}
