//! The first pass: what is in a release, and whether it may be.

use std::io::Read;

use sha2::{Digest, Sha256};

use crate::archive;
use crate::collect::Collector;
use crate::entry::{Entry, Watch};
use crate::fault::Fault;
use crate::folder;
use crate::hash::hex;
use crate::index::Index;
use crate::limits::Limits;
use crate::origin::Origin;
use crate::progress::{Phase, Progress};
use crate::release::{File, Release};

/// What a release has to keep to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// How much it may hold.
    pub limits: Limits,
    /// Whether paths that differ only in case or Unicode form are refused, not
    /// only warned of.
    pub strict: bool,
}

/// Reads `origin` to its end and validates all of it. Memory grows with the
/// number of files and the length of their paths alone.
pub fn scan(origin: &Origin, rules: &Rules, progress: &dyn Progress) -> Result<Release, Fault> {
    let watch = Watch { progress, phase: Phase::Scan };
    let name = origin.name();
    let mut collector = Collector::new(&name, rules);
    match origin {
        Origin::Archive(source) => {
            let mut visit = |entry: &Entry<'_>, content: &mut dyn Read| collector.take(entry, content);
            let outline = archive::read(&**source, &rules.limits, watch, &mut visit)?;
            let digest = outline.digest;
            collector.finish(Some(outline.top), |_| digest, watch)
        }
        Origin::Folder(path) => {
            let mut visit = |entry: &Entry<'_>, content: &mut dyn Read| collector.take(entry, content);
            folder::read(path, &rules.limits, watch, &mut visit)?;
            collector.finish(None, digest, watch)
        }
    }
}

/// What stands for the digest of an archive: the SHA-256 of what
/// `git ls-tree -r -z` prints of the files.
fn digest(files: &[File]) -> String {
    let mut sha256 = Sha256::new();
    for file in Index::new(files).iter() {
        sha256.update(format!("{} blob {}\t{}\0", file.mode.octal(), file.id, file.path));
    }
    hex(&sha256.finalize())
}
