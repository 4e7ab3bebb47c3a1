//! `kind up`.

use crate::context::Context;
use crate::kind::{Change, Kind, Options, Report};
use crate::metallb;
use crate::platform;
use crate::report::{Answer, Page, Style};
use crate::watch;

/// Make the cluster, or bring it back, and wait until it is ready
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Make it anew, after asking: what is in it is lost
    #[arg(long)]
    recreate: bool,
    /// Keep what kind leaves behind when it fails
    #[arg(long)]
    retain: bool,
    /// Add its context to your own kubeconfig
    #[arg(long)]
    merge: bool,
}

impl Args {
    /// Returns when it is ready.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let Self { recreate, retain, merge } = self;
        let options = Options { recreate, retain, merge };
        platform::refuse_other_cluster(cx)?;
        let kind = Kind::of(cx)?;
        platform::take_turn(cx)?;
        if cx.dry_run {
            return kind.plan(cx, options)?.iter().try_for_each(|step| cx.reporter.would(step));
        }
        let say = |step: &str| cx.reporter.note(step);
        let mut report = kind.up(cx, options, &say)?;
        if report.change == Change::Started && cx.profile()?.metallb.is_some() {
            report.repaired.extend(metallb::repair(cx, &say)?);
        }
        cx.reporter.answer("kind up", &report)?;
        if watch::has_cause(cx)? && watch::status(cx)?.is_none() {
            cx.reporter.note("the router does not follow this cluster; `cargo xtask up` has it do so");
        }
        Ok(())
    }
}

impl Answer for Report {
    fn write(&self, page: &mut Page) {
        let Self { cluster, seconds, .. } = self;
        page.styled(
            Style::Good,
            match self.change {
                Change::Created => format!("the cluster `{cluster}` is made and ready, after {seconds:.1} s"),
                Change::Recreated => {
                    format!("the cluster `{cluster}` is made anew and ready, after {seconds:.1} s")
                }
                Change::Started => {
                    format!("the cluster `{cluster}` is started and ready, after {seconds:.1} s")
                }
                Change::Repaired => format!("the cluster `{cluster}` is ready again, after {seconds:.1} s"),
                Change::Already => format!("the cluster `{cluster}` is ready already"),
            },
        );
        for what in &self.repaired {
            page.folded(Style::Plain, 0, format!("brought up to date: {what}"));
        }
        if let Some(api) = self.api {
            page.line(format!("API: https://{api}"));
        }
        page.folded(Style::Plain, 0, format!("kubeconfig: {}", self.kubeconfig.display()));
        if let Some(file) = &self.merged {
            page.folded(Style::Plain, 0, format!("its context is in {}", file.display()));
        }
    }
}
