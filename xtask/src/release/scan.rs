//! A release read by the rules of `gitea seed`.

use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;
use std::{fs, io};

use git_seed::{ArchiveFile, Origin, Release};

use super::failure::failed;
use super::rules::Rules;
use super::spool::spool;
use super::watched::Watched;
use crate::context::Context;
use crate::failure::Failure;

/// Stands for standard input.
const STDIN: &str = "-";

/// Reads the tarball `path` to its end, and refuses what seeding would refuse.
pub fn scan_file(cx: &Context, path: &Path, rules: &Rules) -> anyhow::Result<Release> {
    scan(cx, &open(cx, path)?, rules, &Watched::new(cx))
}

/// The tarball `path`, to be read.
pub fn open(cx: &Context, path: &Path) -> anyhow::Result<Origin> {
    let archive = ArchiveFile::open(path).map_err(|fault| failed(cx, &fault, fault.help()))?;
    Ok(Origin::Archive(Box::new(archive)))
}

/// The tarball `path`, or for `-` what comes through standard input.
pub fn open_or_stdin(cx: &Context, path: &Path, rules: &Rules) -> anyhow::Result<Origin> {
    if is_stdin(path) {
        return spool(cx, io::stdin(), "standard input", rules);
    }
    if fs::metadata(path).is_ok_and(|it| it.file_type().is_fifo()) {
        let message = format!("`{}` is a pipe, and an archive is read twice", path.display());
        return Err(Failure::failed(message).help("give `-` in its place, and pipe the archive in").into());
    }
    open(cx, path)
}

/// Whether this stands for standard input.
pub fn is_stdin(path: &Path) -> bool {
    path == Path::new(STDIN)
}

/// Reads a release to its end, and refuses what seeding would refuse.
pub fn scan(cx: &Context, origin: &Origin, rules: &Rules, watched: &Watched<'_>) -> anyhow::Result<Release> {
    let limits = git_seed::Rules { limits: rules.limits, strict: rules.strict };
    git_seed::scan(origin, &limits, watched).map_err(|fault| failed(cx, &fault, rules.help(&fault)))
}
