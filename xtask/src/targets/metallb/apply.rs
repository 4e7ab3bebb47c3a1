//! `metallb apply`.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::context::Context;
use crate::failure::Failure;
use crate::metallb::{self, ChartChange, PoolChange, Report, shown};
use crate::platform;
use crate::report::{Answer, Page, Style};

/// Install MetalLB, and give each of the profile's services its own address
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Chart of MetalLB, an archive or a folder [default: the profile's, from its repository]
    #[arg(long, value_name = "PATH")]
    chart: Option<PathBuf>,
}

impl Args {
    /// Returns when `MetalLB` runs and its pools are there.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let chart = self.chart.as_deref();
        cx.profile()?.metallb()?;
        if let Some(path) = chart {
            std::fs::metadata(path).with_context(|| {
                Failure::usage(format!("cannot read the chart `{}`", path.display()))
                    .help("give an archive of `helm pull`, or a folder with a `Chart.yaml`")
            })?;
        }
        platform::take_turn(cx)?;
        if cx.dry_run {
            return metallb::plan(cx, chart)?.iter().try_for_each(|step| cx.reporter.would(step));
        }
        let report = metallb::apply(cx, chart, &|message| cx.reporter.note(message))?;
        cx.reporter.answer("metallb apply", &report)
    }
}

impl Answer for Report {
    fn write(&self, page: &mut Page) {
        let version = self.chart.version;
        if self.is_already() {
            page.styled(Style::Good, format!("MetalLB {version} and its pools are so already"));
        } else {
            let what = match self.chart.change {
                ChartChange::Installed => "is installed",
                ChartChange::Upgraded => "is brought up to date",
                ChartChange::Already => "is there",
                ChartChange::Foreign => "is there, by somebody else",
            };
            page.styled(Style::Good, format!("MetalLB {version} {what}"));
        }
        for pool in &self.pools {
            let changed = match pool.change {
                PoolChange::Already => "",
                PoolChange::Created => " (new)",
                PoolChange::Changed => " (changed)",
            };
            page.line(format!("{}: {}{changed}", pool.name, shown(&pool.addresses)));
        }
        for name in &self.deleted {
            page.line(format!("{name}: deleted"));
        }
        for odd in &self.misplaced {
            page.folded(Style::Warn, 0, format!("service `{}`: {}", odd.name, odd.why));
        }
        if !self.misplaced.is_empty() {
            page.folded(Style::Warn, 0, "`cargo xtask metallb status` tells what becomes of them");
        }
    }
}
