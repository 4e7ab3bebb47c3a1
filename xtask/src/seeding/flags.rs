//! Which release, as flags.

use std::path::{Path, PathBuf};

use git_seed::{Origin, Release};

use crate::context::Context;
use crate::failure::Failure;
use crate::registry::Reference;
use crate::release::{Rules, Watched, is_stdin, open, open_or_stdin, scan};
use crate::tarball::{LimitFlags, RegistryFlags, fetch, read_tag};

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
    #[command(flatten)]
    registry: RegistryFlags,
}

/// Where it is read from.
#[derive(clap::Args, Clone, Debug)]
#[group(required = true, multiple = false)]
struct SourceFlags {
    /// The release's tarball: gzip, zstd or plain; `-` is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = RegistryFlags::ids())]
    tarball: Option<PathBuf>,
    /// The release's version, fetched from the Release Service
    #[arg(long, value_name = "VERSION", value_parser = read_tag)]
    version: Option<String>,
    /// A folder with the release's files, without a `.git` at its top
    #[arg(long, value_name = "FOLDER", conflicts_with_all = RegistryFlags::ids())]
    tree: Option<PathBuf>,
}

impl ReleaseFlags {
    /// Opens the release and reads it to its end: nothing that seeding would
    /// refuse comes through. None under a dry run, if it would have to be fetched.
    pub fn read(&self, cx: &Context, watched: &Watched<'_>) -> anyhow::Result<Option<(Origin, Release)>> {
        let rules = self.limits.rules(cx.profile()?, self.strict);
        let Some(origin) = self.open(cx, &rules)? else { return Ok(None) };
        let release = scan(cx, &origin, &rules, watched)?;
        cx.reporter.warn_all(&release.warnings);
        Ok(Some((origin, release)))
    }

    fn open(&self, cx: &Context, rules: &Rules) -> anyhow::Result<Option<Origin>> {
        match &self.source {
            SourceFlags { tree: Some(path), .. } if path.is_file() => {
                Err(mistaken(path, "a file, not a folder", "--tarball"))
            }
            SourceFlags { tarball: Some(path), .. } if path.is_dir() && !is_stdin(path) => {
                Err(mistaken(path, "a folder, not a tar archive", "--tree"))
            }
            SourceFlags { tree: Some(tree), .. } => Ok(Some(Origin::Folder(tree.clone()))),
            SourceFlags { tarball: Some(path), .. } => open_or_stdin(cx, path, rules).map(Some),
            // The group has one of them.
            SourceFlags { version, .. } => {
                let from = self.registry.published(cx.profile()?)?;
                let tag = Reference::Tag(version.clone().unwrap_or_default());
                let fetched = fetch(cx, &from, &tag, None, rules)?;
                fetched.map(|fetched| open(cx, &fetched.file)).transpose()
            }
        }
    }
}

/// A path behind the wrong flag.
fn mistaken(path: &Path, what: &str, flag: &str) -> anyhow::Error {
    let path = path.display();
    Failure::failed(format!("`{path}` is {what}")).help(format!("give it with `{flag}`")).into()
}
