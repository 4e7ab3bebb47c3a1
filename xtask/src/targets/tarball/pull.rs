//! `tarball pull`: a tarball of the Release Service.

use std::path::PathBuf;

use crate::context::Context;
use crate::registry::{Digest, Reference};
use crate::report::{Answer, Page};
use crate::tarball::{Fetched, RegistryFlags, TotalFlag, fetch, read_tag};

/// Fetch a release tarball from the Release Service
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    which: Which,
    /// Folder for the tarball [default: one below `.xtask/tarballs`, where it is found again]
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
    #[command(flatten)]
    total: TotalFlag,
    #[command(flatten)]
    registry: RegistryFlags,
}

#[derive(clap::Args, Debug)]
#[group(required = true, multiple = false)]
struct Which {
    /// Its version, which is its tag
    #[arg(long, value_name = "VERSION", value_parser = read_tag)]
    version: Option<String>,
    /// The digest of its manifest in the registry
    #[arg(long, value_name = "DIGEST", value_parser = Digest::parse)]
    digest: Option<Digest>,
}

impl Args {
    /// Runs it.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let profile = cx.profile()?;
        let from = self.registry.published(profile)?;
        let reference = match (self.which.version, self.which.digest) {
            (None, Some(digest)) => Reference::Digest(digest),
            // The group has one of them.
            (version, _) => Reference::Tag(version.unwrap_or_default()),
        };
        let rules = self.total.rules(profile);
        match fetch(cx, &from, &reference, self.output.as_deref(), &rules)? {
            Some(fetched) => cx.reporter.answer("tarball pull", &fetched),
            None => Ok(()),
        }
    }
}

impl Answer for Fetched {
    fn write(&self, page: &mut Page) {
        let Self { size, received, .. } = self;
        let how = match (self.already, size.saturating_sub(*received)) {
            (true, _) => "was there already".to_owned(),
            (false, 0) => format!("{size} bytes fetched"),
            (false, before) => format!("{received} bytes fetched, after {before} from before"),
        };
        page.line(format!("{}: {how}", self.file.display()));
        page.line(format!("sha256 {}", self.sha256));
    }
}
