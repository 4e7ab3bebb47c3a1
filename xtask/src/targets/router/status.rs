//! `router status`.

mod embedded;
mod entrance;
mod traefik;

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use crate::context::Context;
use crate::daemon::Status;
use crate::engine::{self, EngineStatus, LogSource, RouterEngine, Serving};
use crate::launch;
use crate::profile::Entrance;
use crate::report::{Answer, Page, Style};
use crate::watch::{self, WatchStatus};
use entrance::EntranceView;

/// Show the router's routes, and who follows the cluster
#[derive(clap::Args, Debug)]
pub struct Args {}

/// The router as `status` shows it.
#[derive(Serialize)]
pub struct RouterView {
    running: bool,
    #[serde(flatten)]
    status: Option<EngineStatus>,
    /// Why it does not tell its status.
    error: Option<String>,
    /// Where the embedded engine writes its log.
    log: Option<PathBuf>,
    /// Who follows changes in the cluster.
    watch: Option<Status<WatchStatus>>,
    /// Whether somebody could.
    #[serde(skip)]
    followable: bool,
}

impl Args {
    /// Prints it.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let cx = &launch::resume(cx)?;
        if cx.profile()?.entrance != Entrance::Router {
            return cx.reporter.answer("router status", &EntranceView::look(cx)?);
        }
        let mut silent = None;
        let view = RouterView::look(cx, engine::of(cx)?.as_ref(), &mut silent);
        cx.reporter.answer("router status", &view)?;
        silent.map_or(Ok(()), Err)
    }
}

impl RouterView {
    /// Asks the router; that it does not answer is shown, and left in `silent`.
    pub fn look(cx: &Context, engine: &dyn RouterEngine, silent: &mut Option<anyhow::Error>) -> Self {
        let (status, error) = told(engine.status(cx), silent);
        let (watch, _) = told(watch::status(cx), silent);
        let log = match engine.log() {
            LogSource::File(path) => Some(path),
            LogSource::Container(_) => None,
        };
        // A daemon that does not answer runs; of a container Docker would know.
        let running = match &status {
            Some(status) => status.is_running(),
            None => error.is_some() && log.is_some(),
        };
        let followable = watch::has_cause(cx).unwrap_or(false);
        Self { running, status, error, log, watch, followable }
    }

    /// What it serves, if it told its status.
    pub fn serving(&self) -> Option<Serving> {
        self.status.as_ref().and_then(EngineStatus::serving)
    }
}

/// A daemon's status, or what keeps it from telling; the first such error is
/// left in `silent`.
pub fn told<T>(
    status: anyhow::Result<Option<T>>,
    silent: &mut Option<anyhow::Error>,
) -> (Option<T>, Option<String>) {
    match status {
        Ok(status) => (status, None),
        Err(error) => {
            let why = format!("{error:#}");
            silent.get_or_insert(error);
            (None, Some(why))
        }
    }
}

impl Answer for RouterView {
    fn write(&self, page: &mut Page) {
        let Some(status) = &self.status else {
            let what = match &self.error {
                Some(_) if self.running => "the router does not answer",
                Some(_) => "whether the router runs cannot be told",
                None => "the router is not running",
            };
            page.styled(Style::Warn, what);
            return self.watch.iter().for_each(|watch| write_watch(watch, page));
        };
        match status {
            EngineStatus::Embedded(status) => embedded::write(status, page),
            EngineStatus::Traefik(status) => traefik::write(status, page),
        }
        if let Some(log) = &self.log {
            page.styled(Style::Dim, format!("log: {}", log.display()));
        }
        match &self.watch {
            Some(watch) => write_watch(watch, page),
            None if self.followable => {
                page.gap();
                let unfollowed =
                    "changes in the cluster are not followed; `cargo xtask router watch` does it";
                page.folded(Style::Warn, 0, unfollowed);
            }
            None => {}
        }
    }
}

fn write_watch(watch: &Status<WatchStatus>, page: &mut Page) {
    let WatchStatus { changes, changed, pending, trouble, .. } = &watch.service;
    let last = match changed {
        None => String::new(),
        Some(changed) => format!(", the last {}at {changed}", ago(changed)),
    };
    let changes = match changes {
        0 => "no change".to_owned(),
        1 => "1 change".to_owned(),
        more => format!("{more} changes"),
    };
    page.gap();
    let (pid, started) = (watch.pid, &watch.started);
    page.folded(
        Style::Plain,
        0,
        format!("process {pid} follows the cluster since {started}: {changes}{last}"),
    );
    for route in pending {
        page.folded(Style::Warn, 0, format!("route `{}` is absent: {}", route.route, route.why));
    }
    if let Some(trouble) = trouble {
        page.folded(Style::Bad, 0, trouble);
    }
}

/// How long ago that was, unless the clock was set back since.
fn ago(time: &str) -> String {
    let elapsed = humantime::parse_rfc3339(time).ok().and_then(|time| time.elapsed().ok());
    elapsed.map_or(String::new(), |elapsed| {
        format!("{} ago, ", humantime::format_duration(Duration::from_secs(elapsed.as_secs())))
    })
}
