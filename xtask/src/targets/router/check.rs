//! `router check`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::check::{Check, Row};
use crate::context::Context;
use crate::engine;
use crate::failure::Failure;
use crate::launch;
use crate::report::{Answer, Page, Style, Table};

/// Prove with real TLS handshakes that every host reaches its backend
#[derive(clap::Args, Debug)]
pub struct Args {}

#[derive(Serialize)]
struct CheckAnswer {
    #[serde(flatten)]
    check: Check,
}

impl Args {
    /// Fails when a client does not reach what the table says.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let cx = &launch::resume(cx)?;
        let Some(serving) = engine::of(cx)?.serving(cx)? else {
            return Err(launch::not_running(cx).into());
        };
        if cx.dry_run {
            return cx.reporter.would(&format!("shake hands for every host through {}", serving.describe()));
        }
        let check = Check::of(cx, &serving)?;
        let (proven, summary) = (check.is_proven(), check.summary());
        cx.reporter.answer("router check", &CheckAnswer { check })?;
        if proven {
            return Ok(());
        }
        Err(Failure::failed(summary).help("see which services run with `cargo xtask status`").into())
    }
}

impl Answer for CheckAnswer {
    fn write(&self, page: &mut Page) {
        let mut table = Table::new(&["port", "client", "route", "backend", "certificate", "ms"]);
        for row in &self.check.rows {
            let style = if row.right { Style::Plain } else { Style::Bad };
            let plain = |text: String| (text, Style::Plain);
            table.styled_row([
                plain(row.entry_point.to_string()),
                (row.client.describe(), style),
                plain(row.route.clone().unwrap_or_default()),
                plain(row.backend.map(|it| it.to_string()).unwrap_or_default()),
                (seen(row), if row.right { Style::Good } else { Style::Bad }),
                plain(format!("{:.1}", row.milliseconds)),
            ]);
        }
        page.table(&table);
        page.gap();
        page.folded(Style::Plain, 0, format!("{} in {:.2} s", self.check.summary(), self.check.seconds));
    }
}

fn seen(row: &Row) -> String {
    match &row.expected {
        Some(expected) => format!("{}, not {expected}", row.seen),
        None => row.seen.clone(),
    }
}

/// A shorter form: for each route, what answered and the hosts that reach it.
pub fn write_by_route(check: &Check, page: &mut Page) {
    let mut groups: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for row in &check.rows {
        let route = row.route.as_deref().unwrap_or("no route");
        let backend = row.backend.map_or(String::new(), |backend| format!(" at {backend}"));
        let heading = format!("{}: {route} → {}{backend}", row.entry_point, seen(row));
        groups.entry((row.entry_point, !row.right, heading)).or_default().push(row.client.describe());
    }
    for ((_, wrong, heading), clients) in groups {
        page.folded(if wrong { Style::Bad } else { Style::Heading }, 0, heading);
        page.words(2, &clients);
    }
}
