//! Which release, as flags.

use std::io;
use std::path::{Path, PathBuf};

use git_seed::{ArchiveFile, Origin, Release, Rules};

use crate::context::Context;
use crate::release::{Watched, failed, scan, spool};
use crate::tarball::LimitFlags;

/// Stands for standard input.
const STDIN: &str = "-";

/// Which release, and what it may hold.
#[derive(clap::Args, Clone, Debug)]
pub struct ReleaseFlags {
    #[command(flatten)]
    source: SourceFlags,
    /// Refuse paths that differ only in case or Unicode form
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    limits: LimitFlags,
}

/// Where it is read from.
#[derive(clap::Args, Clone, Debug)]
#[group(required = true, multiple = false)]
struct SourceFlags {
    /// The release's tarball: gzip, zstd or plain; `-` is standard input
    #[arg(long, value_name = "FILE")]
    tarball: Option<PathBuf>,
    /// A folder with the release's files, without a `.git` at its top
    #[arg(long, value_name = "FOLDER")]
    tree: Option<PathBuf>,
}

impl ReleaseFlags {
    /// Opens the release and reads it to its end: nothing that seeding would
    /// refuse comes through.
    pub fn read(&self, cx: &Context, watched: &Watched<'_>) -> anyhow::Result<(Origin, Release)> {
        let rules = Rules { limits: self.limits.limits(cx.profile()?), strict: self.strict };
        let origin = self.source.open(cx, &rules)?;
        let release = scan(cx, &origin, &rules, watched)?;
        cx.reporter.warn_all(&release.warnings);
        Ok((origin, release))
    }
}

impl SourceFlags {
    fn open(&self, cx: &Context, rules: &Rules) -> anyhow::Result<Origin> {
        match self {
            Self { tarball: Some(path), .. } if path == Path::new(STDIN) => {
                spool(cx, io::stdin().lock(), "standard input", rules.limits.total)
            }
            Self { tarball: Some(path), .. } => {
                let archive = ArchiveFile::open(path).map_err(|fault| failed(cx, fault))?;
                Ok(Origin::Archive(Box::new(archive)))
            }
            // The group has one of them.
            Self { tree, .. } => Ok(Origin::Folder(tree.clone().unwrap_or_default())),
        }
    }
}
