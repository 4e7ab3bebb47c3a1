//! A tarball read by the rules of `gitea seed`.

use std::path::Path;
use std::time::Instant;

use git_seed::{ArchiveFile, Fault, Origin, Phase, Progress, Release, Rules};

use crate::context::Context;
use crate::failure::Failure;

/// Reads the tarball `path` to its end, and refuses what seeding would refuse.
pub fn scan(cx: &Context, path: &Path, rules: &Rules) -> anyhow::Result<Release> {
    let scanned = ArchiveFile::open(path)
        .and_then(|file| git_seed::scan(&Origin::Archive(Box::new(file)), rules, &Watched(cx)));
    scanned.map_err(|fault| failure(cx, fault))
}

/// Fails if the user asked to stop, or the time is up.
pub fn still_wanted(cx: &Context) -> anyhow::Result<()> {
    cx.interrupt.check()?;
    if cx.deadline.instant().is_none_or(|deadline| Instant::now() < deadline) {
        return Ok(());
    }
    Err(Failure::timed_out("the time was up").help("give it more time with `--timeout`").into())
}

fn failure(cx: &Context, fault: Fault) -> anyhow::Error {
    if matches!(fault, Fault::Interrupted { .. })
        && let Err(error) = still_wanted(cx)
    {
        return error;
    }
    let failure = Failure::failed(fault.to_string()).help(fault.help());
    match std::error::Error::source(&fault) {
        Some(source) => anyhow::anyhow!(source.to_string()).context(failure),
        None => failure.into(),
    }
}

/// Ends what the user does not want any more.
struct Watched<'a>(&'a Context);

impl Progress for Watched<'_> {
    fn at(&self, _: Phase, _: u64, _: Option<u64>) {}

    fn is_cancelled(&self) -> bool {
        still_wanted(self.0).is_err()
    }
}
