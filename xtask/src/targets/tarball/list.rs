//! `tarball list`: what is published.

use serde::Serialize;

use crate::context::Context;
use crate::printable::printable;
use crate::report::{Answer, Page, Style};
use crate::tarball::{RegistryFlags, newest_first};

/// List the releases that are published
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    registry: RegistryFlags,
}

/// The releases that are published.
#[derive(Serialize)]
struct List {
    registry: String,
    repository: String,
    versions: Vec<String>,
}

impl Args {
    /// Runs it.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let from = self.registry.published(cx.profile()?)?;
        let mut versions = from.tags(cx)?;
        newest_first(&mut versions);
        let (registry, repository) = (from.access.host.to_owned(), from.repository());
        cx.reporter.answer("tarball list", &List { registry, repository, versions })
    }
}

impl Answer for List {
    fn write(&self, page: &mut Page) {
        if self.versions.is_empty() {
            page.styled(Style::Dim, format!("`{}/{}` has no tags", self.registry, self.repository));
        }
        self.versions.iter().for_each(|version| page.line(printable(version)));
    }
}
