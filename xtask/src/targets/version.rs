//! `version`: what this program is.

use serde::Serialize;

use crate::context::Context;
use crate::report::{Answer, Page};

/// Show the version
#[derive(clap::Args, Debug)]
pub struct Args {}

#[derive(Serialize)]
struct Version {
    version: &'static str,
}

impl Args {
    /// Prints the version.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        cx.reporter.answer("version", &Version { version: env!("CARGO_PKG_VERSION") })
    }
}

impl Answer for Version {
    fn write(&self, page: &mut Page) {
        page.line(format!("xtask {}", self.version));
    }
}
