//! `gitea package`: the Debian package that seeds on premises.

use std::path::{Path, PathBuf};

use git_seed::Rules;

use crate::context::Context;
use crate::failure::Failure;
use crate::package::{Made, Outcome, Request, build};
use crate::registry::Reference;
use crate::report::{Answer, Page};
use crate::tarball::{Expected, LimitFlags, RegistryFlags, Verified, fetch, read_tag, verify};

/// Make the Debian package that seeds a release on premises
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The release's version; the tarball must be of it
    #[arg(long, value_name = "VERSION", required_unless_present = "tarball", value_parser = read_tag)]
    version: Option<String>,
    /// The release's tarball [default: fetched]
    #[arg(long, value_name = "FILE")]
    tarball: Option<PathBuf>,
    /// Folder for the package
    #[arg(long, value_name = "FOLDER", default_value = ".", hide_default_value = true)]
    output: PathBuf,
    /// Refuse paths that differ only in case or Unicode form
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    limits: LimitFlags,
    #[command(flatten)]
    registry: RegistryFlags,
}

impl Args {
    /// Runs it.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let tarball = match &self.tarball {
            Some(tarball) => tarball.clone(),
            None => match self.fetch(cx)? {
                Some(tarball) => tarball,
                None => return Ok(()),
            },
        };
        let release = self.verify(cx, &tarball)?;
        cx.reporter.warn_all(&release.warnings);
        match build(cx, &Request { release: &release, output: &self.output })? {
            Some(made) => cx.reporter.answer("gitea package", &made),
            None => Ok(()),
        }
    }

    /// The tarball of the version, from the Release Service; none under a dry run.
    fn fetch(&self, cx: &Context) -> anyhow::Result<Option<PathBuf>> {
        let profile = cx.profile()?;
        let from = self.registry.published(profile)?;
        // It is there wherever the tarball is not.
        let tag = Reference::Tag(self.version.clone().unwrap_or_default());
        let most = self.limits.limits(profile).total;
        Ok(fetch(cx, &from, &tag, None, most)?.map(|fetched| fetched.file))
    }

    /// The tarball, found to be what seeding takes, in the version that is wanted.
    fn verify(&self, cx: &Context, tarball: &Path) -> anyhow::Result<Verified> {
        let rules = Rules { limits: self.limits.limits(cx.profile()?), strict: self.strict };
        let release = verify(cx, tarball, &rules, &Expected::Anything)?;
        match &self.version {
            Some(wanted) if wanted.trim_start_matches('v') != release.version.trim_start_matches('v') => {
                let message =
                    format!("`{}` holds version `{}`, not `{wanted}`", tarball.display(), release.version);
                Err(Failure::failed(message)
                    .help("name the version that it holds, or another tarball")
                    .into())
            }
            _ => Ok(release),
        }
    }
}

impl Answer for Made {
    fn write(&self, page: &mut Page) {
        let how = match self.outcome {
            Outcome::Made => "made",
            Outcome::Already => "so already",
            Outcome::Replaced => "made, in place of another one",
        };
        page.line(format!("{}: {how}", self.file.display()));
        let Self { package, version, architecture, release, size, sha256, .. } = self;
        page.line(format!("{package} {version} for {architecture} with release {release}: {size} bytes"));
        page.line(format!("sha256 {sha256}"));
    }
}
