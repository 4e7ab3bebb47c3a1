//! The figures, and what each is compared with.

use anyhow::Context as _;
use serde::Serialize;

use crate::report::{Answer, Page, Style, Table};
use crate::targets::bench::summary::{Summary, digits};

/// What was found out.
#[derive(Serialize)]
pub struct Timings {
    /// How often everything was done.
    pub rounds: u8,
    /// The version of kind, in its own words.
    pub kind: String,
    pub node_image: String,
    pub measurements: Vec<Measurement>,
}

/// One thing that took time.
#[derive(Serialize)]
pub struct Measurement {
    /// One word for it, with `_`.
    name: &'static str,
    /// What it is.
    what: &'static str,
    /// One after the other.
    all: Vec<f64>,
    seconds: Summary,
    compared: Vec<Comparison>,
}

/// The same next to another measurement, round by round.
#[derive(Serialize)]
struct Comparison {
    /// The name of the other.
    with: &'static str,
    /// In seconds; less than 0 for one that takes less than the other.
    difference: Summary,
    /// To the other.
    ratio: Summary,
}

impl Measurement {
    /// Sums up what took these seconds.
    pub fn new((name, all): (&'static str, &Vec<f64>), what: &'static str) -> anyhow::Result<Self> {
        let seconds = Summary::of(all).with_context(|| format!("`{name}` was not measured"))?;
        Ok(Self { name, what, all: all.clone(), seconds, compared: Vec::new() })
    }

    /// Beside another of the same rounds.
    pub fn beside(mut self, (with, other): (&'static str, &Vec<f64>)) -> anyhow::Result<Self> {
        let pairs = || self.all.iter().zip(other);
        let differences: Vec<f64> = pairs().map(|(own, other)| own - other).collect();
        let ratios: Vec<f64> = pairs().map(|(own, other)| own / other).collect();
        let (difference, ratio) = Summary::of(&differences)
            .zip(Summary::of(&ratios))
            .with_context(|| format!("`{with}` was not measured"))?;
        self.compared.push(Comparison { with, difference, ratio });
        Ok(self)
    }

    /// A row for each comparison, and one at least; its own figures are in the first.
    fn add_to(&self, table: &mut Table) {
        let Summary { median, min, max } = self.seconds;
        let own = [median, min, max].map(digits);
        let compared = self.compared.iter().map(|Comparison { with, difference, ratio }| {
            [title(with), format!("{:+.2}", difference.median), digits(ratio.median)]
        });
        let mut compared = compared.peekable();
        if compared.peek().is_none() {
            table.row([title(self.name)].into_iter().chain(own));
            return;
        }
        let first = std::iter::once(own).chain(std::iter::repeat_with(Default::default));
        for (own, compared) in first.zip(compared) {
            table.row([title(self.name)].into_iter().chain(own).chain(compared));
        }
    }
}

impl Answer for Timings {
    fn write(&self, page: &mut Page) {
        let Self { rounds, kind, node_image, measurements } = self;
        let rounds = if *rounds == 1 { "1 round".to_owned() } else { format!("{rounds} rounds") };
        page.styled(Style::Heading, format!("Median seconds of {rounds}"));
        let mut table = Table::new(&["what", "seconds", "least", "most", "next to", "difference", "ratio"]);
        for measurement in measurements {
            measurement.add_to(&mut table);
        }
        page.table(&table);
        page.gap();
        for Measurement { name, what, .. } in measurements {
            page.folded(Style::Dim, 0, format!("{}: {what}", title(name)));
        }
        page.folded(Style::Dim, 0, format!("{kind}; node image `{node_image}`"));
    }
}

/// As people write it.
fn title(name: &str) -> String {
    name.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timings() -> Timings {
        let (bare, ready) = (vec![20.0, 22.0, 21.0], vec![30.0, 32.0, 31.0]);
        let (bare, ready) = (("bare", &bare), ("bare_ready", &ready));
        let up = Measurement::new(("up", &vec![31.0, 24.0, 32.0]), "all of it").unwrap();
        let measurements = vec![
            Measurement::new(bare, "kind").unwrap(),
            Measurement::new(ready, "kind, ready").unwrap(),
            up.beside(bare).unwrap().beside(ready).unwrap(),
        ];
        Timings { rounds: 3, kind: "kind v1".into(), node_image: "node:1".into(), measurements }
    }

    #[test]
    fn each_figure_is_next_to_what_it_is_compared_with() {
        let mut page = Page::new(Some(80));
        timings().write(&mut page);
        let text = anstream::adapter::strip_str(&page.into_string()).to_string();
        let expected = "\
Median seconds of 3 rounds
WHAT        SECONDS  LEAST  MOST  NEXT TO     DIFFERENCE  RATIO
bare        21.0     20.0   22.0
bare ready  31.0     30.0   32.0
up          31.0     24.0   32.0  bare        +11.00      1.52
up                                bare ready  +1.00       1.03

bare: kind
bare ready: kind, ready
up: all of it
kind v1; node image `node:1`
";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_is_compared_is_of_the_same_round() {
        let json = serde_json::to_value(timings()).unwrap();
        let compared = &json["measurements"][2]["compared"];
        assert_eq!(compared[1]["with"], "bare_ready");
        assert_eq!(compared[1]["difference"], serde_json::json!({ "median": 1.0, "min": -8.0, "max": 1.0 }));
        assert_eq!(compared[1]["ratio"]["min"], 0.75);
        assert!(Measurement::new(("up", &Vec::new()), "").is_err());
    }
}
