//! `tarball verify`: what seeding would refuse.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::context::Context;
use crate::registry::Digest;
use crate::release::{is_stdin, open_or_stdin};
use crate::report::{Answer, Page};
use crate::tarball::{Expected, LimitFlags, Verified, verify};

/// Check a release tarball without seeding it
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The tarball; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The SHA-256 that it must have, in hexadecimal
    #[arg(long, value_name = "DIGEST", value_parser = Digest::parse, conflicts_with = "manifest")]
    sha256: Option<Digest>,
    /// The manifest that was made with it, and which it must fit
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// Refuse paths that differ only in case or Unicode form
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    limits: LimitFlags,
}

impl Args {
    /// Runs it.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let expected = match (self.sha256, self.manifest) {
            (Some(digest), _) => Expected::Digest(digest),
            (None, Some(manifest)) => Expected::Manifest(manifest),
            (None, None) => Expected::Anything,
        };
        let rules = self.limits.rules(cx.profile()?, self.strict);
        let origin = open_or_stdin(cx, &self.file, &rules)?;
        let verified = verify(cx, (&self.file, &origin), &rules, &expected)?;
        cx.reporter.warn_all(&verified.warnings);
        cx.reporter.answer("tarball verify", &verified)
    }
}

impl Answer for Verified {
    fn write(&self, page: &mut Page) {
        let since = Duration::from_secs(self.date.try_into().unwrap_or_default());
        let date = humantime::format_rfc3339_seconds(SystemTime::UNIX_EPOCH + since);
        if is_stdin(&self.file) {
            page.line("standard input is well");
        } else {
            page.line(format!("{} is well", self.file.display()));
        }
        page.line(format!("version  {}", self.version));
        page.line(format!("commit   {}", self.commit));
        page.line(format!("date     {date}"));
        page.line(format!("files    {} of {} bytes; {} compressed", self.files, self.bytes, self.size));
        page.line(format!("sha256   {}", self.sha256));
        page.line(format!("tree     {}", self.tree));
    }
}
