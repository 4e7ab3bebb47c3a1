//! `router status`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;
use sni_router::{Reason, Snapshot};

use crate::context::Context;
use crate::daemon::Status;
use crate::engine::embedded::{Embedded, RouterStatus};
use crate::engine::{self, RouterEngine as _, Serving};
use crate::report::{Answer, Page, Style, Table};

/// Show the router's routes and counters
#[derive(clap::Args, Debug)]
pub struct Args {}

/// The router as `status` shows it.
#[derive(Serialize)]
pub struct RouterView {
    running: bool,
    #[serde(flatten)]
    status: Option<Status<RouterStatus>>,
    /// Why it does not tell its status.
    error: Option<String>,
    log: PathBuf,
}

impl Args {
    /// Prints it.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let mut silent = None;
        cx.reporter.answer("router status", &RouterView::look(&engine::of(cx)?, &mut silent))?;
        silent.map_or(Ok(()), Err)
    }
}

impl RouterView {
    /// Asks the router; that it does not answer is shown, and left in `silent`.
    pub fn look(engine: &Embedded, silent: &mut Option<anyhow::Error>) -> Self {
        let (status, error) = told(engine.status(), silent);
        Self { running: status.is_some() || error.is_some(), status, error, log: engine.log_path() }
    }

    /// What it serves, if it told its status.
    pub fn serving(&self) -> Option<Serving> {
        self.status.as_ref().map(|status| status.service.serving())
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
            let what = if self.running { "the router does not answer" } else { "the router is not running" };
            return page.styled(Style::Warn, what);
        };
        let counters = &status.service.counters;
        let (pid, started) = (status.pid, &status.started);
        page.folded(Style::Good, 0, format!("the router runs as process {pid} since {started}"));
        page.table(&listeners(counters));
        page.gap();
        page.table(&routes(counters));
        page.gap();
        let (active, most, reloads) = (counters.active, counters.max_connections, counters.reloads);
        let summary = format!("{active} of at most {most} connections open, {reloads} reloads");
        page.folded(Style::Plain, 0, summary);
        page.styled(Style::Dim, format!("log: {}", self.log.display()));
    }
}

fn listeners(counters: &Snapshot) -> Table {
    let mut table = Table::new(&["port", "address", "accepted", "closed before a route was found"]);
    for listener in &counters.listeners {
        table.row([
            listener.entry_point.to_string(),
            listener.address.to_string(),
            listener.accepted.to_string(),
            reasons(&listener.failures),
        ]);
    }
    table
}

fn routes(counters: &Snapshot) -> Table {
    let headings = ["route", "port", "backend", "accepted", "active", "bytes in", "bytes out", "failures"];
    let mut table = Table::new(&headings);
    for route in &counters.routes {
        table.row([
            route.name.clone(),
            route.entry_point.to_string(),
            route.backend.map_or("absent".to_owned(), |backend| backend.to_string()),
            route.accepted.to_string(),
            route.active.to_string(),
            route.bytes_in.to_string(),
            route.bytes_out.to_string(),
            reasons(&route.failures),
        ]);
    }
    table
}

fn reasons(failures: &BTreeMap<Reason, u64>) -> String {
    let counted = failures.iter().filter(|(_, count)| **count > 0);
    let told: Vec<_> = counted.map(|(reason, count)| format!("{reason} {count}")).collect();
    if told.is_empty() { "-".to_owned() } else { told.join(", ") }
}
