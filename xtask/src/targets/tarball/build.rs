//! `tarball build`: a tarball of a checkout.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::context::Context;
use crate::failure::Failure;
use crate::printable::printable;
use crate::profile::Variant;
use crate::report::{Answer, Page};
use crate::tarball::{
    Built, Checkout, LimitFlags, Outcome, ReleaseName, Request, VERSION, build, check, is_version, some,
};

/// Build a release tarball from a checkout
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Which kind [default: the profile's]
    #[arg(long, value_enum, value_name = "VARIANT")]
    variant: Option<Variant>,
    /// The checkout to build from: the commit that is checked out there [default: the current folder]
    #[arg(long, value_name = "FOLDER", default_value = ".", hide_default_value = true)]
    from: PathBuf,
    /// Folder for the tarball, its manifest and its digest [default: the current one]
    #[arg(long, value_name = "FOLDER", default_value = ".", hide_default_value = true)]
    output: PathBuf,
    /// Take the files as they lie there; the version says so if they are not as committed
    #[arg(long)]
    dirty: bool,
    #[command(flatten)]
    limits: LimitFlags,
}

impl Args {
    /// Runs it.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let profile = cx.profile()?;
        let variant = match self.variant {
            Some(variant) => variant,
            None => profile.tarball()?.variant,
        };
        let mut checkout = Checkout::open(cx, &self.from, self.dirty)?;
        if !self.dirty {
            refuse_changes(&checkout.changed)?;
        }
        if !checkout.untracked.is_empty() {
            let names = some(&checkout.untracked);
            cx.reporter.warn(&format!("Git does not know {names}, so the tarball is without"));
        }
        let (version, version_file) = version(&checkout)?;
        let mark = if checkout.is_dirty() { "-dirty" } else { "" };
        let request = Request {
            name: ReleaseName { variant, version },
            version_file,
            commit: format!("{}{mark}", checkout.commit),
            date: checkout.date,
            output: &self.output,
            rules: self.limits.rules(profile, false),
        };
        if cx.dry_run {
            check(&checkout)?;
            let path = self.output.join(request.name.to_string());
            return cx.reporter.would(&format!("write `{}` of commit {}", path.display(), request.commit));
        }
        let built = build(cx, &mut checkout, &request)?;
        cx.reporter.warn_all(&built.warnings);
        cx.reporter.answer("tarball build", &built)
    }
}

fn refuse_changes(changed: &[String]) -> anyhow::Result<()> {
    if changed.is_empty() {
        return Ok(());
    }
    let message = format!("the checkout is not as committed: {}", some(changed));
    Err(Failure::failed(message).help("commit or stash it, or take it as it is with `--dirty`").into())
}

/// The version, and the content of the file `VERSION`.
fn version(checkout: &Checkout<'_>) -> anyhow::Result<(String, String)> {
    let text = checkout.version()?;
    let version = text.lines().next().unwrap_or_default().trim();
    if !is_version(version) {
        let message = format!("the first line of `{VERSION}` is not a version: `{}`", printable(version));
        return Err(Failure::failed(message).help("a version has letters, digits and `._+-`").into());
    }
    if !checkout.is_dirty() {
        return Ok((version.to_owned(), text.clone()));
    }
    let version = format!("{version}-dirty");
    is_version(&version).then_some(()).context("the version is too long")?;
    Ok((version.clone(), format!("{version}\n")))
}

impl Answer for Built {
    fn write(&self, page: &mut Page) {
        let how = match self.outcome {
            Outcome::Built => "built",
            Outcome::Already => "so already",
            Outcome::Replaced => "built, in place of another one",
        };
        page.line(format!("{}: {how}", self.file.display()));
        let Self { version, commit, files, bytes, size, .. } = self;
        page.line(format!(
            "version {version} of commit {commit}: {files} files, {bytes} bytes, {size} compressed"
        ));
        page.line(format!("sha256 {}", self.sha256));
    }
}
