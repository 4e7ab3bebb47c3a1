//! The figures, and what each is compared with.

use anyhow::Context as _;
use serde::Serialize;

use crate::report::{Answer, Page, Style, Table};
use crate::targets::bench::summary::Summary;

/// What was found out.
#[derive(Serialize)]
pub struct Timings {
    /// How often everything was done; addresses changed more often.
    pub rounds: u8,
    /// Of each answer while discovery was measured, in seconds.
    pub latency: f64,
    pub measurements: Vec<Measurement>,
    pub left_out: Vec<LeftOut>,
}

/// One thing that took time.
#[derive(Serialize)]
pub struct Measurement {
    /// `discovery`, `start` or `change`.
    name: &'static str,
    /// Of the router; discovery needs none.
    engine: Option<&'static str>,
    /// What began and ended it.
    what: &'static str,
    /// One after the other.
    all: Vec<f64>,
    seconds: Summary,
    compared: Vec<Comparison>,
}

/// The same next to something else.
#[derive(Serialize)]
struct Comparison {
    with: String,
    /// Here and now, in the same rounds; else it is a figure that is known.
    measured: bool,
    seconds: Summary,
    /// Of the measurement to this, round by round.
    ratio: Summary,
}

/// An engine that is not measured.
#[derive(Debug, Serialize)]
pub struct LeftOut {
    pub engine: &'static str,
    /// Why not.
    pub reason: String,
    /// What to do about it.
    pub get: String,
}

impl Measurement {
    /// Sums up what took `all` these seconds.
    pub fn new(
        name: &'static str,
        engine: Option<&'static str>,
        what: &'static str,
        all: Vec<f64>,
    ) -> anyhow::Result<Self> {
        let seconds = Summary::of(&all).with_context(|| format!("{name} was not measured"))?;
        Ok(Self { name, engine, what, all, seconds, compared: Vec::new() })
    }

    /// Beside something that took `other` seconds in the same rounds.
    pub fn beside(self, with: impl Into<String>, other: &[f64]) -> anyhow::Result<Self> {
        self.compared(with.into(), true, other)
    }

    /// Beside a figure that is known, in seconds.
    pub fn beside_known(self, with: &str, known: f64) -> anyhow::Result<Self> {
        let known = vec![known; self.all.len()];
        self.compared(with.to_owned(), false, &known)
    }

    fn compared(mut self, with: String, measured: bool, other: &[f64]) -> anyhow::Result<Self> {
        let ratios: Vec<f64> = self.all.iter().zip(other).map(|(own, other)| own / other).collect();
        let (seconds, ratio) = Summary::of(other)
            .zip(Summary::of(&ratios))
            .with_context(|| format!("{with} was not measured"))?;
        self.compared.push(Comparison { with, measured, seconds, ratio });
        Ok(self)
    }

    fn title(&self) -> String {
        self.engine.map_or_else(|| self.name.to_owned(), |engine| format!("{}, {engine}", self.name))
    }
}

impl Answer for Timings {
    fn write(&self, page: &mut Page) {
        page.styled(Style::Heading, format!("Seconds, medians of {} rounds", self.rounds));
        let mut table = Table::new(&["what", "seconds", "least", "most", "next to", "seconds", "ratio"]);
        for measurement in &self.measurements {
            let Summary { median, min, max } = measurement.seconds;
            let mut cells = [measurement.title(), digits(median), digits(min), digits(max)];
            for Comparison { with, measured, seconds, ratio } in &measurement.compared {
                let known = if *measured { "" } else { " *" };
                let other =
                    [with.clone(), format!("{}{known}", digits(seconds.median)), digits(ratio.median)];
                table.row(cells.into_iter().chain(other));
                cells = Default::default();
            }
        }
        page.table(&table);
        page.gap();
        for Measurement { what, .. } in self.measurements.iter().filter(|it| it.engine != Some("traefik")) {
            page.folded(Style::Dim, 0, what);
        }
        page.line("*: known, not measured");
        for LeftOut { engine, reason, get } in &self.left_out {
            page.folded(Style::Warn, 0, format!("left out engine `{engine}`: {reason}; {get}"));
        }
    }
}

/// Three digits or more.
fn digits(value: f64) -> String {
    match value {
        value if value >= 9.995 => format!("{value:.1}"),
        value if value >= 0.9995 => format!("{value:.2}"),
        value => format!("{value:.3}"),
    }
}
