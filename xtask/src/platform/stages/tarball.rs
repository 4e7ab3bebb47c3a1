//! The stage that makes a release tarball of the workspace's sample.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use git_seed::{Origin, Release};

use crate::context::Context;
use crate::profile::Variant;
use crate::release::{Rules, Watched, scan};
use crate::replace::replace_private;
use crate::stage::{Progress, Stage, State};
use crate::state::{StateDir, make_private};
use crate::tarball::{self, ReleaseName, Request, VERSION};

/// Its name.
pub const TARBALL: &str = "tarball";
/// Where the sample is, under the root of the workspace.
pub const SAMPLE: &str = "release-sample";
/// File with the digest of what the tarball was made of.
const MADE_OF: &str = "made-of";
/// The time of all files of the sample, in seconds since 1970: the same files
/// make the same tarball anywhere, whenever they were checked out.
const DATE: u64 = 1_767_225_600;

/// The tarball of the sample.
pub struct TarballStage;

impl TarballStage {
    /// The tarball.
    pub fn path(cx: &Context) -> anyhow::Result<PathBuf> {
        Ok(folder(cx).join(name(cx)?.to_string()))
    }
}

impl Stage for TarballStage {
    fn name(&self) -> &str {
        TARBALL
    }

    fn needs(&self) -> Vec<&str> {
        Vec::new()
    }

    fn check(&self, cx: &Context) -> anyhow::Result<State> {
        let made_of = fs::read_to_string(folder(cx).join(MADE_OF)).unwrap_or_default();
        let path = Self::path(cx)?;
        if path.is_file() && made_of == sample(cx)?.digest {
            return Ok(State::Up(describe(cx, &path)));
        }
        Ok(State::Down(format!("making a release of `{SAMPLE}`")))
    }

    fn plan(&self, cx: &Context) -> anyhow::Result<Vec<String>> {
        Ok(vec![format!("write `{}` of `{SAMPLE}`", cx.shown(&Self::path(cx)?))])
    }

    fn make(&self, cx: &Context, _: &Progress<'_>) -> anyhow::Result<String> {
        StateDir::of(cx).create()?;
        let sample = sample(cx)?;
        let folder = folder(cx);
        make_private(&folder, "run as the user who made it, or remove it as that user")?;
        let request = Request {
            name: name(cx)?,
            version_file: version_file(cx)?,
            commit: sample.tree.to_string(),
            date: DATE,
            output: &folder,
            rules: Rules::of(cx.profile()?)?,
        };
        let built = tarball::build_folder(cx, &source(cx), &request)?;
        replace_private(&folder.join(MADE_OF), sample.digest.as_bytes())?;
        Ok(describe(cx, &built.file))
    }

    fn undo(&self, cx: &Context, _: &Progress<'_>) -> anyhow::Result<Option<String>> {
        let folder = folder(cx);
        if !folder.exists() {
            return Ok(None);
        }
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove `{}`", folder.display()))?;
        Ok(Some("removed".to_owned()))
    }
}

fn folder(cx: &Context) -> PathBuf {
    StateDir::of(cx).file(TARBALL)
}

fn source(cx: &Context) -> PathBuf {
    cx.root().join(SAMPLE)
}

fn name(cx: &Context) -> anyhow::Result<ReleaseName> {
    let variant = cx.profile()?.tarball.as_ref().map_or(Variant::CloudFull, |tarball| tarball.variant);
    let version = version_file(cx)?.lines().next().unwrap_or_default().trim().to_owned();
    Ok(ReleaseName { variant, version })
}

fn version_file(cx: &Context) -> anyhow::Result<String> {
    let path = source(cx).join(VERSION);
    fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))
}

/// What the sample consists of now.
fn sample(cx: &Context) -> anyhow::Result<Release> {
    let rules = Rules::of(cx.profile()?)?;
    scan(cx, &Origin::Folder(source(cx)), &rules, &Watched::told(cx, |_| ()))
}

fn describe(cx: &Context, path: &Path) -> String {
    format!("`{}`", cx.shown(path))
}
