//! A release read by the rules of `gitea seed`.

use std::path::Path;

use git_seed::{ArchiveFile, Origin, Release, Rules};

use super::failure::failed;
use super::watched::Watched;
use crate::context::Context;

/// Reads the tarball `path` to its end, and refuses what seeding would refuse.
pub fn scan_file(cx: &Context, path: &Path, rules: &Rules) -> anyhow::Result<Release> {
    let file = ArchiveFile::open(path).map_err(|fault| failed(cx, &fault))?;
    scan(cx, &Origin::Archive(Box::new(file)), rules, &Watched::new(cx))
}

/// Reads a release to its end, and refuses what seeding would refuse.
pub fn scan(cx: &Context, origin: &Origin, rules: &Rules, watched: &Watched<'_>) -> anyhow::Result<Release> {
    git_seed::scan(origin, rules, watched).map_err(|fault| failed(cx, &fault))
}
