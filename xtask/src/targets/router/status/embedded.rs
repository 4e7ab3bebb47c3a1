//! The embedded router, as `router status` shows it.

use std::collections::BTreeMap;

use sni_router::{Reason, Snapshot};

use crate::daemon::Status;
use crate::engine::embedded::RouterStatus;
use crate::report::{Page, Style, Table};

/// Its listeners, routes and counters.
pub fn write(status: &Status<RouterStatus>, page: &mut Page) {
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
