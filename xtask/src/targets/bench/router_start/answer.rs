//! The figures, and what each is compared with.

use anyhow::Context as _;
use serde::Serialize;

use crate::report::{Answer, Page, Style, Table};
use crate::targets::bench::summary::{Summary, digits};

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

    /// A row for each comparison; its own figures are in the first.
    fn add_to(&self, table: &mut Table) {
        let title = self.engine.map_or_else(|| self.name.to_owned(), |it| format!("{}, {it}", self.name));
        let Summary { median, min, max } = self.seconds;
        let mut figures = [median, min, max].map(digits);
        for Comparison { with, measured, seconds, ratio } in &self.compared {
            let known = if *measured { "" } else { " *" };
            let other = [with.clone(), format!("{}{known}", digits(seconds.median)), digits(ratio.median)];
            table.row([title.clone()].into_iter().chain(figures).chain(other));
            figures = Default::default();
        }
    }
}

impl Answer for Timings {
    fn write(&self, page: &mut Page) {
        let rounds = if self.rounds == 1 { "1 round".to_owned() } else { format!("{} rounds", self.rounds) };
        page.styled(Style::Heading, format!("Median seconds of {rounds}"));
        let mut table = Table::new(&["what", "seconds", "least", "most", "next to", "seconds", "ratio"]);
        self.measurements.iter().for_each(|measurement| measurement.add_to(&mut table));
        page.table(&table);
        page.gap();
        let mut told = Vec::new();
        for Measurement { what, .. } in &self.measurements {
            if !told.contains(what) {
                page.folded(Style::Dim, 0, what);
                told.push(*what);
            }
        }
        page.styled(Style::Dim, "*: known, not measured");
        for LeftOut { engine, reason, get } in &self.left_out {
            page.folded(Style::Warn, 0, format!("left out engine `{engine}`: {reason}; {get}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timings() -> Timings {
        let discovery =
            Measurement::new("discovery", None, "discovery: a look-up", vec![2.1, 2.2, 4.0]).unwrap();
        let start = Measurement::new("start", Some("traefik"), "start: all of it", vec![1.5, 2.0]).unwrap();
        let measurements = vec![
            discovery
                .beside("one request", &[2.0, 2.0, 2.0])
                .unwrap()
                .beside("four", &[8.0, 8.0, 8.0])
                .unwrap(),
            start.beside_known("the most it may take", 3.0).unwrap(),
        ];
        let left_out = LeftOut { engine: "other", reason: "no luck".into(), get: "get some".into() };
        Timings { rounds: 3, latency: 2.0, measurements, left_out: vec![left_out] }
    }

    #[test]
    fn each_figure_is_next_to_what_it_is_compared_with() {
        let mut page = Page::new(Some(80));
        timings().write(&mut page);
        let text = anstream::adapter::strip_str(&page.into_string()).to_string();
        let expected = "\
Median seconds of 3 rounds
WHAT            SECONDS  LEAST  MOST  NEXT TO               SECONDS  RATIO
discovery       2.20     2.10   4.00  one request           2.00     1.10
discovery                             four                  8.00     0.275
start, traefik  1.75     1.50   2.00  the most it may take  3.00 *   0.583

discovery: a look-up
start: all of it
*: known, not measured
left out engine `other`: no luck; get some
";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_is_measured_is_told_from_what_is_known() {
        let json = serde_json::to_value(timings()).unwrap();
        let compared = |measurement: usize| &json["measurements"][measurement]["compared"][0];
        assert_eq!((&compared(0)["measured"], &compared(1)["measured"]), (&true.into(), &false.into()));
        assert_eq!(compared(0)["ratio"]["max"], 2.0);
        assert!(Measurement::new("start", None, "", Vec::new()).is_err());
    }
}
