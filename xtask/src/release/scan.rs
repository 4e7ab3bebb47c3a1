//! A release read by the rules of `gitea seed`.

use std::path::Path;

use git_seed::{ArchiveFile, Origin, Release, Rules};

use super::failure::failed;
use super::watched::Watched;
use crate::context::Context;

/// Reads the tarball `path` to its end, and refuses what seeding would refuse.
pub fn scan_file(cx: &Context, path: &Path, rules: &Rules) -> anyhow::Result<Release> {
    scan(cx, &open(cx, path)?, rules, &Watched::new(cx))
}

/// The tarball `path`, to be read.
pub fn open(cx: &Context, path: &Path) -> anyhow::Result<Origin> {
    let archive = ArchiveFile::open(path).map_err(|fault| failed(cx, &fault))?;
    Ok(Origin::Archive(Box::new(archive)))
}

/// Reads a release to its end, and refuses what seeding would refuse.
pub fn scan(cx: &Context, origin: &Origin, rules: &Rules, watched: &Watched<'_>) -> anyhow::Result<Release> {
    git_seed::scan(origin, rules, watched).map_err(|fault| failed(cx, &fault))
}
