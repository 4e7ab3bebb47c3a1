//! `kind down`.

use serde::Serialize;

use crate::context::Context;
use crate::kind::Kind;
use crate::platform;
use crate::report::{Answer, Page, Style};

/// Remove the cluster and all that was made for it, and nothing else
#[derive(clap::Args, Debug)]
pub struct Args {}

#[derive(Serialize)]
struct Removed {
    cluster: String,
    /// In words; null when there was nothing.
    removed: Option<String>,
}

impl Args {
    /// Returns when it has gone.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let kind = Kind::of(cx)?;
        platform::take_turn(cx)?;
        if cx.dry_run {
            return kind.plan_down(cx)?.iter().try_for_each(|step| cx.reporter.would(step));
        }
        let removed = kind.down(cx, &|step| cx.reporter.note(step))?;
        cx.reporter.answer("kind down", &Removed { cluster: kind.cluster().to_owned(), removed })
    }
}

impl Answer for Removed {
    fn write(&self, page: &mut Page) {
        match &self.removed {
            Some(removed) => page.folded(Style::Good, 0, format!("removed: {removed}")),
            None => page.styled(Style::Good, format!("there is no cluster `{}`", self.cluster)),
        }
    }
}
