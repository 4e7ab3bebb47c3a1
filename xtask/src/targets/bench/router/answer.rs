//! The comparison as tables.

use serde::Serialize;

use super::figures::{Report, Series, Target};
use super::rival::LeftOut;
use crate::near::counted;
use crate::report::{Answer, Page, Style, Table};

/// What was found out, and about whom not.
#[derive(Serialize)]
pub struct Comparison {
    /// Host names in the table.
    pub hosts: usize,
    #[serde(flatten)]
    pub report: Report,
    pub left_out: Vec<LeftOut>,
}

/// A row of the tables.
struct Row {
    label: &'static str,
    what: What,
    /// What figures are divided by to be shown.
    unit: f64,
    /// The best is the largest, not the smallest.
    most: bool,
}

/// Where a row's figures are found.
enum What {
    Metric(&'static str),
    Start,
    Idle,
}

const ROWS: [Row; 7] = [
    Row::new("connections/s", What::Metric("connections_per_second"), 1.0, true),
    Row::new("trip p50 us", What::Metric("round_trip_p50_us"), 1.0, false),
    Row::new("trip p99 us", What::Metric("round_trip_p99_us"), 1.0, false),
    Row::new("down MB/s", What::Metric("down_bytes_per_second"), 1e6, true),
    Row::new("up MB/s", What::Metric("up_bytes_per_second"), 1e6, true),
    Row::new("MB at start", What::Start, 1e6, false),
    Row::new("kB/idle conn", What::Idle, 1e3, false),
];

impl Row {
    const fn new(label: &'static str, what: What, unit: f64, most: bool) -> Self {
        Self { label, what, unit, most }
    }

    fn series<'a>(&self, target: &'a Target) -> Option<&'a Series> {
        match self.what {
            What::Metric(name) => target.metrics.get(name),
            What::Start | What::Idle => None,
        }
    }

    /// The figure to compare by.
    fn figure(&self, target: &Target) -> Option<f64> {
        let memory = target.memory.as_ref();
        match self.what {
            What::Metric(_) => self.series(target).map(|series| series.figure.median),
            What::Start => memory.map(|memory| memory.start_bytes),
            What::Idle => memory.map(|memory| memory.idle_bytes_per_connection),
        }
    }

    /// The router that is ahead of the others.
    fn best<'a>(&self, routers: &'a [Target]) -> Option<&'a str> {
        let ahead =
            |one: f64, other: f64| if self.most { one.total_cmp(&other) } else { other.total_cmp(&one) };
        let figures = routers.iter().filter_map(|router| Some((self.figure(router)?, router)));
        figures.max_by(|one, other| ahead(one.0, other.0)).map(|(_, router)| router.name.as_str())
    }

    /// The median, and behind it the ratio to a direct connection.
    fn median(&self, target: &Target, direct: bool) -> String {
        let Some(figure) = self.figure(target) else { return "-".to_owned() };
        let figure = number(figure / self.unit);
        match self.series(target) {
            Some(series) if !direct => format!("{figure} ({:.2})", series.ratio.median),
            _ => figure,
        }
    }

    fn range(&self, target: &Target) -> String {
        let range = |series: &Series| {
            format!("{}-{}", number(series.figure.min / self.unit), number(series.figure.max / self.unit))
        };
        self.series(target).map_or_else(|| "-".to_owned(), range)
    }
}

impl Answer for Comparison {
    fn write(&self, page: &mut Page) {
        let Report { rounds, load, targets } = &self.report;
        let Some((_, routers)) = targets.split_first() else { return };
        page.styled(
            Style::Heading,
            format!("Median of {rounds} rounds (and ratio to direct, round by round)"),
        );
        page.table(&table(targets, ROWS.iter(), |row, position| {
            let target = &targets[position];
            let ahead = row.best(routers) == Some(&target.name);
            (row.median(target, position == 0), if ahead { Style::Good } else { Style::Plain })
        }));
        page.gap();
        page.styled(Style::Heading, "Least and most");
        let ranges = ROWS.iter().filter(|row| matches!(row.what, What::Metric(_)));
        page.table(&table(targets, ranges, |row, position| (row.range(&targets[position]), Style::Plain)));
        page.gap();
        page.folded(
            Style::Dim,
            0,
            format!(
                "{} host names; {} clients connecting; round trips of {} bytes on {}; {} transfers at a \
                 time. Both ends share the processors with the router.",
                self.hosts,
                load.connection_clients,
                load.message_bytes,
                counted(load.round_trip_connections, "connection"),
                load.transfers,
            ),
        );
        for left_out in &self.left_out {
            page.folded(Style::Warn, 0, format!("left out {left_out}"));
        }
    }
}

/// A column for each target, a row for each of `rows`.
fn table<'a>(
    targets: &[Target],
    rows: impl Iterator<Item = &'a Row>,
    cell: impl Fn(&Row, usize) -> (String, Style),
) -> Table {
    let headings: Vec<&str> =
        std::iter::once("").chain(targets.iter().map(|target| target.name.as_str())).collect();
    let mut table = Table::new(&headings);
    for row in rows {
        let label = (row.label.to_owned(), Style::Plain);
        let cells = (0..targets.len()).map(|position| cell(row, position));
        table.styled_row(std::iter::once(label).chain(cells));
    }
    table
}

/// Three digits or more, so that a range stays short.
fn number(value: f64) -> String {
    match value {
        value if value >= 99.95 => format!("{value:.0}"),
        value if value >= 9.995 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::figures::{Load, Memory};
    use super::*;
    use crate::targets::bench::summary::Summary;

    fn target(name: &str, connections: f64, memory: Option<f64>) -> Target {
        let summary = |median: f64| Summary { median, min: median * 0.9, max: median * 1.1 };
        let series = |figure: f64, ratio: f64| Series {
            rounds: vec![figure],
            figure: summary(figure),
            ratio: summary(ratio),
        };
        let metrics = [
            ("connections_per_second", series(connections, connections / 20_000.0)),
            ("round_trip_p50_us", series(41.26, 1.0)),
            ("round_trip_p99_us", series(203.4, 1.0)),
            ("down_bytes_per_second", series(2.5e9, 1.0)),
            ("up_bytes_per_second", series(2.5e9, 1.0)),
        ];
        let memory = memory.map(|start_bytes| Memory {
            start_bytes,
            idle_connections: 2000,
            idle_bytes_per_connection: start_bytes / 4000.0,
        });
        let metrics: BTreeMap<_, _> =
            metrics.into_iter().map(|(metric, series)| (metric.to_owned(), series)).collect();
        Target { name: name.to_owned(), metrics, memory }
    }

    fn text(width: usize) -> String {
        let targets = vec![
            target("direct", 20_000.0, None),
            target("xtask", 9_000.0, Some(8e6)),
            target("haproxy", 10_000.0, Some(15e6)),
            target("nginx", 8_000.0, Some(22e6)),
            target("traefik", 5_000.0, Some(90e6)),
        ];
        let load = Load { connection_clients: 8, round_trip_connections: 1, message_bytes: 64, transfers: 4 };
        let report = Report { rounds: 7, load, targets };
        let mut page = Page::new(Some(width));
        Comparison { hosts: 36, report, left_out: Vec::new() }.write(&mut page);
        page.into_string()
    }

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn five_targets_fit_into_80_columns() {
        let text = plain(&text(80));
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        let cells = |label: &str| {
            let row = text.lines().find(|line| line.starts_with(label)).unwrap();
            row[label.len()..].split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect::<Vec<_>>()
        };
        assert_eq!(
            cells("connections/s"),
            ["20000", "9000 (0.45)", "10000 (0.50)", "8000 (0.40)", "5000 (0.25)"]
        );
        assert_eq!(cells("MB at start"), ["-", "8.00", "15.0", "22.0", "90.0"]);
        assert_eq!(cells("kB/idle conn"), ["-", "2.00", "3.75", "5.50", "22.5"]);
        assert!(text.contains("18000-22000"), "{text}");
    }

    #[test]
    fn the_best_router_of_a_row_stands_out() {
        let good = anstyle::Style::from(Style::Good);
        let text = text(80);
        assert!(text.contains(&format!("{good}10000 (0.50){good:#}")), "{text:?}");
        assert!(text.contains(&format!("{good}8.00{good:#}")), "{text:?}");
        assert!(!text.contains(&format!("{good}20000")), "{text:?}");
    }

    #[test]
    fn numbers_keep_three_digits() {
        let written = [15_204.4, 99.96, 41.26, 9.999, 0.5, -0.5].map(number);
        assert_eq!(written, ["15204", "100", "41.3", "10.0", "0.50", "-0.50"]);
    }
}
