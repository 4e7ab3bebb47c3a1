//! The report as a table, 80 columns wide for five targets.

use std::fmt;

use crate::report::{Memory, Metric, Report, Series, TargetReport};
use crate::statistics::Summary;

const LABEL_WIDTH: usize = 20;
const CELL_WIDTH: usize = 12;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let load = &self.load;
        writeln!(f, "Figures: median of {} rounds, min-max below.", self.rounds)?;
        writeln!(
            f,
            "Load: {} clients connecting; {} with messages of {} bytes; {} transfers.\n",
            load.connection_clients, load.round_trip_connections, load.message_bytes, load.transfers
        )?;
        self.row(f, "", |target| target.name.clone())?;
        for metric in Metric::ALL {
            let (label, unit) = unit(metric);
            self.rows(f, label, metric, |series| series.figure, |value| number(value / unit))?;
        }
        self.memory_row(f, "MB at start", super::report::Memory::start_megabytes)?;
        self.memory_row(f, "kB per idle conn.", |memory| memory.idle_bytes_per_connection / 1e3)?;

        writeln!(f, "\nRatio to direct, round by round: median, min-max below.\n")?;
        for metric in Metric::ALL {
            let (label, _) = unit(metric);
            self.rows(f, label, metric, |series| series.ratio, |value| format!("{value:.2}"))?;
        }
        Ok(())
    }
}

impl Report {
    /// A row of medians and one of ranges.
    fn rows(
        &self,
        f: &mut fmt::Formatter<'_>,
        label: &str,
        metric: Metric,
        summary: impl Fn(&Series) -> Summary,
        write: impl Fn(f64) -> String,
    ) -> fmt::Result {
        let of = |target: &TargetReport| target.metrics.get(&metric).map(&summary);
        self.row(f, label, |target| of(target).map_or_else(none, |summary| write(summary.median)))?;
        self.row(f, "", |target| {
            of(target).map_or_else(none, |summary| format!("{}-{}", write(summary.min), write(summary.max)))
        })
    }

    fn memory_row(
        &self,
        f: &mut fmt::Formatter<'_>,
        label: &str,
        value: impl Fn(&Memory) -> f64,
    ) -> fmt::Result {
        self.row(f, label, |target| target.memory.as_ref().map_or_else(none, |memory| number(value(memory))))
    }

    fn row(
        &self,
        f: &mut fmt::Formatter<'_>,
        label: &str,
        cell: impl Fn(&TargetReport) -> String,
    ) -> fmt::Result {
        write!(f, "{label:LABEL_WIDTH$}")?;
        for target in &self.targets {
            write!(f, "{:>CELL_WIDTH$}", cell(target))?;
        }
        writeln!(f)
    }
}

/// The label of a metric, and what its figures are divided by for it.
fn unit(metric: Metric) -> (&'static str, f64) {
    match metric {
        Metric::ConnectionsPerSecond => ("connections/s", 1.0),
        Metric::RoundTripP50Us => ("round trip p50, us", 1.0),
        Metric::RoundTripP99Us => ("round trip p99, us", 1.0),
        Metric::DownBytesPerSecond => ("down, MB/s", 1e6),
        Metric::UpBytesPerSecond => ("up, MB/s", 1e6),
    }
}

/// Three digits or more, so that a range fits into a cell.
fn number(value: f64) -> String {
    match value {
        value if value >= 99.95 => format!("{value:.0}"),
        value if value >= 9.995 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

fn none() -> String {
    "-".into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Figures;
    use crate::round::Plan;
    use crate::target::Target;

    #[test]
    fn five_targets_fit_into_80_columns() {
        let names = ["xtask", "haproxy", "nginx", "traefik"];
        let routers = names.map(|name| format!("{name}=127.0.0.1:1").parse::<Target>().unwrap());
        let targets = [&[Target::direct()], &routers[..]].concat();
        let figures = |connections| Figures {
            connections_per_second: connections,
            round_trip_p50_us: 41.26,
            round_trip_p99_us: 203.4,
            down_bytes_per_second: 2.5e9,
            up_bytes_per_second: 2.5e9,
        };
        let rounds = [vec![figures(14_000.0); 5], vec![figures(15_000.0); 5]];
        let memory = |_| {
            Some(Memory { start_bytes: 8_000_000, idle_connections: 10, idle_bytes_per_connection: 2950.0 })
        };
        let memory = std::iter::once(None).chain((1..5).map(memory)).collect();
        let table = Report::new(&targets, &Plan::full().rounds(2), &rounds, memory).unwrap().to_string();
        assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
        let row =
            |label: &str| table.lines().find(|line| line.starts_with(label)).unwrap().split_whitespace();
        assert_eq!(row("connections/s").next_back(), Some("14500"));
        assert_eq!(row("down").next_back(), Some("2500"));
        assert_eq!(row("MB at start").skip(3).collect::<Vec<_>>(), ["-", "8.00", "8.00", "8.00", "8.00"]);
        assert!(table.contains(" 14000-15000"), "{table}");
    }

    #[test]
    fn numbers_keep_three_digits() {
        let written = [15_204.4, 99.96, 41.26, 9.999, 0.5, -0.5].map(number);
        assert_eq!(written, ["15204", "100", "41.3", "10.0", "0.50", "-0.50"]);
    }
}
