//! `router watch`.

use serde::Serialize;

use super::skip;
use crate::context::Context;
use crate::engine;
use crate::entrance;
use crate::failure::Failure;
use crate::launch::{self, Launch};
use crate::platform;
use crate::profile::Kubernetes;
use crate::report::{Answer, Page, Style};
use crate::watch;

/// Follow changes in the cluster in the background, as `router start` does
#[derive(clap::Args, Debug)]
pub struct Args {}

#[derive(Serialize)]
struct Watching {
    pid: u32,
    already: bool,
}

impl Args {
    /// Returns when the daemon watches.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        if cx.environment.skip_router {
            return skip(cx, "router watch");
        }
        platform::take_turn(cx)?;
        let cx = &launch::resume(cx)?;
        if cx.profile()?.kubernetes == Kubernetes::None {
            let message = format!("profile `{}` has no cluster to follow", cx.choice.name);
            return Err(Failure::usage(message).help("choose one that has: `--profile coder`").into());
        }
        if !engine::of(cx)?.status(cx)?.is_some_and(|status| status.is_running()) {
            return Err(launch::not_running(cx).into());
        }
        let launch = Launch::last(cx)?.unwrap_or_else(|| entrance::launch_of(cx, &[]));
        if cx.dry_run {
            return cx.reporter.would("start `xtask daemon watch --name watch`, unless it runs");
        }
        watch::stop_unless(cx, Some(&launch))?;
        let already = watch::daemon(cx).pid()?.is_some();
        let pid = watch::start(cx, &launch)?.ok_or_else(|| {
            Failure::usage("every route was given its `--backend`: there is nothing to follow")
                .help("start the router with fewer: `cargo xtask router restart`")
        })?;
        cx.reporter.answer("router watch", &Watching { pid, already })
    }
}

impl Answer for Watching {
    fn write(&self, page: &mut Page) {
        let how = if self.already { "are followed already" } else { "are followed" };
        page.styled(Style::Good, format!("changes in the cluster {how} by process {}", self.pid));
    }
}
