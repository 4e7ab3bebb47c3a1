//! The stage that puts a release on the branch.

use std::path::PathBuf;
use std::time::Instant;

use git_seed::{Head, Origin, Release};
use indicatif::HumanBytes;

use super::tarball::{TARBALL, TarballStage};
use crate::context::Context;
use crate::forge;
use crate::gitea::ServerArgs;
use crate::printable::printable;
use crate::release::{Rules, Watched, open, scan};
use crate::seeding::{head, seed};
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
    fn path(&self, cx: &Context) -> anyhow::Result<PathBuf> {
        self.tarball.clone().map_or_else(|| TarballStage::path(cx), Ok)
    }

    fn read(&self, cx: &Context, watched: &Watched<'_>) -> anyhow::Result<(Origin, Release)> {
        let rules = Rules::of(cx.profile()?)?;
        let origin = open(cx, &self.path(cx)?)?;
        let release = scan(cx, &origin, &rules, watched)?;
        Ok((origin, release))
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
        let (_, release) = self.read(cx, &watched)?;
        Ok(match head {
            Some(head) if head.tree == release.tree => State::Up(describe(&head)),
            Some(head) if self.tarball.is_none() && !is_sample(&head, &release) => {
                State::Up(format!("{}, which stays", describe(&head)))
            }
            _ => State::Down("putting the release on the branch".to_owned()),
        })
    }

    fn plan(&self, cx: &Context) -> anyhow::Result<Vec<String>> {
        let branch = &cx.profile()?.gitea()?.branch;
        Ok(vec![format!("commit the files of `{}` on `{branch}`", cx.shown(&self.path(cx)?))])
    }

    fn make(&self, cx: &Context, progress: &Progress<'_>) -> anyhow::Result<String> {
        let since = Instant::now();
        let watched = Watched::told(cx, |said| progress.say(said));
        let (origin, release) = self.read(cx, &watched)?;
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

/// A commit's id as people say it.
pub fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
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
