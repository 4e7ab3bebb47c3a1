//! The stage that puts a release on the branch.

use std::path::{Path, PathBuf};
use std::time::Instant;

use git_seed::{ArchiveFile, Head, Origin, Release, Rules};
use indicatif::HumanBytes;

use super::tarball::{TARBALL, TarballStage};
use crate::context::Context;
use crate::forge::{self, Forge};
use crate::gitea::ServerArgs;
use crate::printable::printable;
use crate::release::{Watched, failed, failed_with, scan};
use crate::seeding::seed;
use crate::stage::{Progress, Stage, State};

/// Its name.
pub const SEED: &str = "seed";

/// A release on the branch of the forge.
pub struct SeedStage {
    /// The stage that starts the forge.
    pub forge: String,
    /// The tarball; without one it is the sample's, which gives way to any
    /// other release that is there.
    pub tarball: Option<PathBuf>,
}

impl SeedStage {
    fn open(&self, cx: &Context, watched: &Watched<'_>) -> anyhow::Result<(Origin, Release)> {
        let path = match &self.tarball {
            Some(path) => path.clone(),
            None => TarballStage::path(cx)?,
        };
        open(cx, &path, watched)
    }
}

impl Stage for SeedStage {
    fn name(&self) -> &str {
        SEED
    }

    fn needs(&self) -> Vec<&str> {
        let tarball = self.tarball.is_none().then_some(TARBALL);
        [self.forge.as_str()].into_iter().chain(tarball).collect()
    }

    fn check(&self, cx: &Context) -> anyhow::Result<State> {
        let watched = Watched::told(cx, |_| ());
        let head = head(cx, forge::of(cx, &ServerArgs::default())?.as_ref(), &watched)?;
        let (_, release) = self.open(cx, &watched)?;
        Ok(match head {
            Some(head) if head.tree == release.tree => State::Up(describe(&head)),
            Some(head) if self.tarball.is_none() && !is_sample(&head, &release) => {
                State::Up(format!("{}, which stays", describe(&head)))
            }
            _ => State::Down("putting the release on the branch".to_owned()),
        })
    }

    fn plan(&self, cx: &Context) -> anyhow::Result<Vec<String>> {
        let path = match &self.tarball {
            Some(path) => path.clone(),
            None => TarballStage::path(cx)?,
        };
        let branch = &cx.profile()?.gitea()?.branch;
        Ok(vec![format!("commit the files of `{}` on `{branch}`", cx.shown(&path))])
    }

    fn make(&self, cx: &Context, progress: &Progress<'_>) -> anyhow::Result<String> {
        let since = Instant::now();
        let watched = Watched::told(cx, |said| progress.say(said));
        let (origin, release) = self.open(cx, &watched)?;
        cx.reporter.warn_all(&release.warnings);
        let done =
            seed(cx, forge::of(cx, &ServerArgs::default())?.as_ref(), (&origin, &release), &watched, since)?;
        let (version, head) = (release_name(&release), short(&done.head));
        Ok(format!("{version} is {head}: {} objects, {} sent", done.objects, HumanBytes(done.bytes_sent)))
    }

    /// It goes with the repository.
    fn undo(&self, _: &Context, _: &Progress<'_>) -> anyhow::Result<Option<String>> {
        Ok(None)
    }
}

/// The newest commit of the profile's branch.
pub fn head(cx: &Context, forge: &dyn Forge, watched: &Watched<'_>) -> anyhow::Result<Option<Head>> {
    let branch = &cx.profile()?.gitea()?.branch;
    let head = git_seed::head(forge.remote()?.as_ref(), branch, watched);
    head.map_err(|error| failed_with(cx, &error))
}

/// A commit's id as people say it.
pub fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

fn open(cx: &Context, path: &Path, watched: &Watched<'_>) -> anyhow::Result<(Origin, Release)> {
    let rules = Rules { limits: cx.profile()?.gitea()?.limits.limits(), strict: false };
    let archive = ArchiveFile::open(path).map_err(|fault| failed(cx, &fault))?;
    let origin = Origin::Archive(Box::new(archive));
    let release = scan(cx, &origin, &rules, watched)?;
    Ok((origin, release))
}

/// Whether it is the sample too, though perhaps an older one.
fn is_sample(head: &Head, sample: &Release) -> bool {
    head.release.as_ref().is_some_and(|note| note.version == sample.version)
}

fn release_name(release: &Release) -> String {
    printable(release.version.as_deref().unwrap_or("the release"))
}

fn describe(head: &Head) -> String {
    let commit = head.commit.to_string();
    let version = head.release.as_ref().and_then(|note| note.version.as_deref());
    match version {
        Some(version) => format!("{} is {}", printable(version), short(&commit)),
        None => short(&commit).to_owned(),
    }
}
