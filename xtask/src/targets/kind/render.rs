//! `kind render`.

use serde::Serialize;

use crate::context::Context;
use crate::kind::Config;
use crate::report::{Answer, Page};

/// Print the configuration that kind is given
#[derive(clap::Args, Debug)]
pub struct Args {}

#[derive(Serialize)]
struct Rendered {
    cluster: String,
    /// Tells one configuration from another.
    digest: String,
    config: String,
}

impl Args {
    /// Prints it.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let Config { cluster, yaml, digest } = Config::of(cx)?;
        cx.reporter.answer("kind render", &Rendered { cluster, digest, config: yaml })
    }
}

impl Answer for Rendered {
    fn write(&self, page: &mut Page) {
        self.config.lines().for_each(|line| page.line(line));
    }
}
