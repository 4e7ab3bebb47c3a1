//! `gitea package`: the Debian package that seeds on premises.

use std::path::{Path, PathBuf};

use crate::context::Context;
use crate::failure::Failure;
use crate::package::{Made, Outcome, Request, build, profile};
use crate::profile::{Profile, Variant};
use crate::registry::Reference;
use crate::release::{Rules, open};
use crate::report::{Answer, Page};
use crate::tarball::{Expected, RegistryFlags, Verified, fetch, read_tag, variant_of, verify};

/// Make the Debian package that seeds a release on premises
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The release's version; the tarball must be of it
    #[arg(long, value_name = "VERSION", required_unless_present = "tarball", value_parser = read_tag)]
    version: Option<String>,
    /// The release's tarball [default: fetched from the Release Service]
    #[arg(long, value_name = "FILE", conflicts_with_all = RegistryFlags::ids())]
    tarball: Option<PathBuf>,
    /// Folder for the package [default: the current one]
    #[arg(long, value_name = "FOLDER", default_value = ".", hide_default_value = true)]
    output: PathBuf,
    #[command(flatten)]
    registry: RegistryFlags,
}

impl Args {
    /// Runs it.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let profile = profile(cx)?;
        self.check_flag(&profile)?;
        let Some(tarball) = self.tarball(cx, &profile)? else { return Ok(()) };
        let release = self.verify(cx, &profile, &tarball)?;
        cx.reporter.warn_all(&release.warnings);
        match build(cx, &Request { release: &release, output: &self.output })? {
            Some(made) => cx.reporter.answer("gitea package", &made),
            None => Ok(()),
        }
    }

    /// Refuses `--variant` of another kind, which would be fetched first.
    fn check_flag(&self, profile: &Profile) -> anyhow::Result<()> {
        let (asked, seeded) = (self.registry.published(profile)?.variant, profile.tarball()?.variant);
        if asked == seeded {
            return Ok(());
        }
        let message = format!("the package seeds the variant `{seeded}`, not `{asked}`");
        Err(Failure::usage(message).help("leave `--variant` out").into())
    }

    /// The tarball that was named, or fetched. None under a dry run.
    fn tarball(&self, cx: &Context, profile: &Profile) -> anyhow::Result<Option<PathBuf>> {
        if let Some(tarball) = &self.tarball {
            return Ok(Some(tarball.clone()));
        }
        let reference = Reference::Tag(self.version.clone().unwrap_or_default());
        let from = self.registry.published(profile)?;
        let fetched = fetch(cx, &from, &reference, None, &Rules::of(profile)?)?;
        Ok(fetched.map(|fetched| fetched.file))
    }

    /// The tarball, found to be in the version that is wanted, and what seeding
    /// takes by the profile in the package: there are no flags where it runs.
    fn verify(&self, cx: &Context, profile: &Profile, tarball: &Path) -> anyhow::Result<Verified> {
        let origin = open(cx, tarball)?;
        let release = verify(cx, (tarball, &origin), &Rules::of(profile)?, &Expected::Anything)?;
        self.check_version(&release)?;
        check_variant(&release, profile.tarball()?.variant)?;
        Ok(release)
    }

    fn check_version(&self, release: &Verified) -> Result<(), Failure> {
        match &self.version {
            Some(wanted) if without_v(wanted) != without_v(&release.version) => {
                let (file, version) = (release.file.display(), &release.version);
                Err(Failure::failed(format!("`{file}` holds version `{version}`, not `{wanted}`"))
                    .help("name the version that it holds, or another tarball"))
            }
            _ => Ok(()),
        }
    }
}

/// Refuses a release of another kind than the profile in the package is for,
/// if that can be known.
fn check_variant(release: &Verified, wanted: Variant) -> Result<(), Failure> {
    match variant_of(release).filter(|variant| *variant != wanted.to_string()) {
        Some(variant) => {
            let file = release.file.display();
            let message = format!("`{file}` is of the variant `{variant}`, but the package seeds `{wanted}`");
            let help = format!("give the tarball of `{wanted}`, or leave `--tarball` out to fetch that");
            Err(Failure::failed(message).help(help))
        }
        None => Ok(()),
    }
}

/// Tags have a `v` where the file `VERSION` may have none.
fn without_v(version: &str) -> &str {
    version.strip_prefix('v').unwrap_or(version)
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
