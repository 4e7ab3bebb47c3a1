//! The figures, and what each is compared with.

use anyhow::Context as _;
use clap::ValueEnum as _;
use indicatif::HumanBytes;
use serde::Serialize;

use super::archive::Size;
use super::bed::Cost;
use super::input::Input;
use super::rounds::{Case, Costs, Seeding};
use super::transport::Transport;
use super::way::Way;
use crate::report::{Answer, Page, Style, Table};
use crate::targets::bench::summary::{Summary, digits};

/// What this program may have in memory, in bytes.
const AIM_PEAK: u64 = 64 << 20;

/// What was found out.
#[derive(Serialize)]
pub struct Timings {
    /// How often everything was done.
    rounds: u8,
    /// The version of Git, in its own words.
    git: String,
    /// What this program may have in memory.
    aim_peak_bytes: u64,
    inputs: Vec<InputTimings>,
}

/// What was found out about one input.
#[derive(Serialize)]
pub struct InputTimings {
    name: &'static str,
    files: usize,
    /// Of the files together.
    bytes: u64,
    archive_bytes: u64,
    measurements: Vec<Measurement>,
}

/// One seeding, one way.
#[derive(Serialize)]
struct Measurement {
    #[serde(flatten)]
    case: Case,
    /// Seconds, one round after the other.
    all: Vec<f64>,
    seconds: Summary,
    /// How many times faster than `unpack` over the same, round by round.
    times: Summary,
    /// How many times faster it shall be, if that is said.
    aim_times: Option<f64>,
    /// Most that one process had in memory in any round.
    peak_bytes: u64,
    /// Bytes of the largest pack that was sent in any round.
    sent_bytes: u64,
}

impl Timings {
    /// The figures of some inputs.
    pub fn new(rounds: u8, git: String, inputs: Vec<InputTimings>) -> Self {
        Self { rounds, git, aim_peak_bytes: AIM_PEAK, inputs }
    }
}

impl InputTimings {
    /// Sums up what its seedings took.
    pub fn new(input: Input, size: Size, costs: &Costs) -> anyhow::Result<Self> {
        let measurements = costs.iter().map(|(case, own)| {
            let old = costs.get(&Case { way: Way::ALL[0], ..*case });
            let measurement = old.and_then(|old| Measurement::new(input, *case, own, old));
            measurement.with_context(|| format!("`{}` was not measured", case.way.name()))
        });
        let measurements = measurements.collect::<anyhow::Result<_>>()?;
        let Size { files, bytes, archive_bytes } = size;
        Ok(Self { name: input.name(), files, bytes, archive_bytes, measurements })
    }

    fn is_over(&self, over: Transport) -> bool {
        self.measurements.iter().any(|measurement| measurement.case.over == over)
    }

    fn write(&self, page: &mut Page) {
        let Self { name, files, bytes, archive_bytes, measurements } = self;
        let (bytes, archive) = (HumanBytes(*bytes), HumanBytes(*archive_bytes));
        for measurements in measurements.chunk_by(|one, next| one.case.over == next.case.over) {
            let over = measurements[0].case.over.name();
            page.styled(
                Style::Heading,
                format!("{name} over {over}: {files} files, {bytes}, packed {archive}"),
            );
            let mut table = Table::new(&[
                "seeding", "way", "seconds", "least", "most", "times", "least", "most", "aim", "peak", "sent",
            ]);
            for measurement in measurements {
                table.row(measurement.cells());
            }
            page.table(&table);
            page.gap();
        }
    }
}

impl Measurement {
    fn new(input: Input, case: Case, own: &[Cost], old: &[Cost]) -> Option<Self> {
        let all: Vec<f64> = own.iter().map(|cost| cost.seconds).collect();
        let times: Vec<f64> = own.iter().zip(old).map(|(own, old)| old.seconds / own.seconds).collect();
        let has_aim = (case.seeding, case.way) == (Seeding::First, Way::GiteaSeed);
        Some(Self {
            case,
            seconds: Summary::of(&all)?,
            times: Summary::of(&times)?,
            all,
            aim_times: has_aim.then(|| input.aim()),
            peak_bytes: own.iter().map(|cost| cost.peak).max()?,
            sent_bytes: own.iter().map(|cost| cost.sent).max()?,
        })
    }

    fn cells(&self) -> impl Iterator<Item = String> {
        let figures = |summary: Summary| [summary.median, summary.min, summary.max].map(digits);
        let aim = self.aim_times.map(|aim| format!("{aim:.0}")).unwrap_or_default();
        let bytes = [self.peak_bytes, self.sent_bytes].map(|bytes| HumanBytes(bytes).to_string());
        let names = [self.case.seeding.name(), self.case.way.name()].map(|name| name.replace('_', " "));
        names.into_iter().chain(figures(self.seconds)).chain(figures(self.times)).chain([aim]).chain(bytes)
    }
}

impl Answer for Timings {
    fn write(&self, page: &mut Page) {
        let Self { rounds, git, aim_peak_bytes, inputs } = self;
        for input in inputs {
            input.write(page);
        }
        let times = if *rounds == 1 { "one round".to_owned() } else { format!("{rounds} rounds") };
        let first = Way::ALL[0].name();
        let aim = HumanBytes(*aim_peak_bytes);
        page.folded(
            Style::Dim,
            0,
            format!(
                "medians of {times}; times: how many times faster than {first} in the same round; peak: the \
                 most that one process of the client's had in memory, aim {aim} for `gitea seed`; sent: the \
                 pack"
            ),
        );
        for way in Way::ALL {
            page.folded(Style::Dim, 0, format!("{}: {}", way.name().replace('_', " "), way.what()));
        }
        let measured = |over: &&Transport| inputs.iter().any(|input| input.is_over(**over));
        for over in Transport::value_variants().iter().filter(measured) {
            page.folded(Style::Dim, 0, format!("over {}: to {}", over.name(), over.what()));
        }
        page.folded(Style::Dim, 0, git);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn costs(seconds: [f64; 2], peak: u64, sent: u64) -> [Cost; 2] {
        seconds.map(|seconds| Cost { seconds, peak, sent })
    }

    fn timings() -> Timings {
        let old = costs([2.0, 6.0], 5 << 20, 100 << 10);
        let own = costs([0.1, 0.2], 30 << 20, 150 << 10);
        let case = |over, seeding, way| Case { over, seeding, way };
        let costs = Costs::from([
            (
                case(Transport::Https, Seeding::First, Way::Unpack),
                costs([1.0, 3.0], 5 << 20, 100 << 10).into(),
            ),
            (case(Transport::Https, Seeding::First, Way::GiteaSeed), own.into()),
            (case(Transport::Path, Seeding::First, Way::GiteaSeed), own.into()),
            (case(Transport::Path, Seeding::First, Way::Unpack), old.into()),
            (case(Transport::Path, Seeding::Unchanged, Way::GiteaSeed), own.into()),
            (case(Transport::Path, Seeding::Unchanged, Way::Unpack), old.into()),
        ]);
        let size = Size { files: 377, bytes: 1 << 20, archive_bytes: 1 << 17 };
        Timings::new(2, "git version 2".into(), vec![InputTimings::new(Input::Emf, size, &costs).unwrap()])
    }

    #[test]
    fn each_way_is_next_to_the_first_over_the_same() {
        let mut page = Page::new(None);
        timings().write(&mut page);
        let text = anstream::adapter::strip_str(&page.into_string()).to_string();
        let expected = "\
emf over path: 377 files, 1.00 MiB, packed 128.00 KiB
SEEDING    WAY         SECONDS  LEAST  MOST   TIMES  LEAST  MOST  AIM  PEAK       SENT
first      unpack      4.00     2.00   6.00   1.00   1.00   1.00       5.00 MiB   100.00 KiB
first      gitea seed  0.150    0.100  0.200  25.0   20.0   30.0  20   30.00 MiB  150.00 KiB
unchanged  unpack      4.00     2.00   6.00   1.00   1.00   1.00       5.00 MiB   100.00 KiB
unchanged  gitea seed  0.150    0.100  0.200  25.0   20.0   30.0       30.00 MiB  150.00 KiB

emf over https: 377 files, 1.00 MiB, packed 128.00 KiB
SEEDING  WAY         SECONDS  LEAST  MOST   TIMES  LEAST  MOST  AIM  PEAK       SENT
first    unpack      2.00     1.00   3.00   1.00   1.00   1.00       5.00 MiB   100.00 KiB
first    gitea seed  0.150    0.100  0.200  12.5   10.0   15.0  20   30.00 MiB  150.00 KiB

";
        assert!(text.starts_with(expected), "{text}");
    }

    #[test]
    fn what_has_nothing_beside_it_has_no_figures() {
        let case = Case { over: Transport::Path, seeding: Seeding::First, way: Way::GiteaSeed };
        let costs = Costs::from([(case, costs([1.0, 1.0], 1, 1).into())]);
        let size = Size { files: 0, bytes: 0, archive_bytes: 0 };
        assert!(InputTimings::new(Input::Emf, size, &costs).is_err());
    }
}
