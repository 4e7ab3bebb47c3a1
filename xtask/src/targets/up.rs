//! `up`: brings the platform up and proves that it routes.

mod example;

use std::path::PathBuf;
use std::sync::PoisonError;

use serde::Serialize;

use crate::check::Check;
use crate::context::{Context, ProfileChoice};
use crate::platform::{self, Options};
use crate::report::{Answer, Page, Style};
use crate::stage::{Graph, Run, StageRun, State};
use crate::targets::router::check::write_by_route;

/// Bring the platform up
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Also make samples of the services, so that every route leads somewhere
    #[arg(long)]
    with_samples: bool,
    /// Chart of MetalLB, an archive or a folder [default: the profile's, from its repository]
    #[arg(long, value_name = "PATH")]
    chart: Option<PathBuf>,
    /// Release tarball to seed [default: one of the workspace's sample]
    #[arg(long, value_name = "FILE")]
    tarball: Option<PathBuf>,
}

#[derive(Serialize)]
struct Up {
    profile: ProfileChoice,
    stages: Vec<StageRun>,
    seconds: f64,
    check: Option<Check>,
    /// A command that reaches a service through the router.
    example: Option<String>,
}

impl Args {
    /// Makes what is not there yet, checks the routes, and sums up.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        platform::refuse_other_cluster(cx)?;
        let options = Options { samples: self.with_samples, chart: self.chart, tarball: self.tarball };
        let (graph, last_check) = platform::graph(cx, &options)?;
        if cx.dry_run {
            return plan(cx, &graph);
        }
        platform::take_turn(cx)?;
        let Run { stages, seconds, error } = graph.up(cx);
        let check = last_check.lock().unwrap_or_else(PoisonError::into_inner).take();
        let example = if error.is_none() { example::example(cx)? } else { None };
        cx.reporter.answer("up", &Up { profile: cx.choice.clone(), stages, seconds, check, example })?;
        if cx.interrupt.requested() {
            return Err(platform::interrupted(cx));
        }
        error.map_or(Ok(()), Err)
    }
}

/// Shows what would be done for the stages that are not up. One that needs such
/// a stage is not looked at: there is nothing to see yet.
fn plan(cx: &Context, graph: &Graph) -> anyhow::Result<()> {
    let mut missing: Vec<&str> = Vec::new();
    for stage in graph.stages() {
        let waits = stage.needs().iter().any(|need| missing.contains(need));
        if !waits && let State::Up(what) = stage.check(cx)? {
            cx.reporter.note(&format!("stage `{}` is up: {what}", stage.name()));
            continue;
        }
        missing.push(stage.name());
        for step in stage.plan(cx)? {
            cx.reporter.would(&format!("{step} (stage `{}`)", stage.name()))?;
        }
    }
    Ok(())
}

impl Answer for Up {
    fn write(&self, page: &mut Page) {
        if let Some(check) = &self.check {
            write_by_route(check, page);
            page.gap();
        }
        let wrong = self.stages.iter().filter(|stage| !stage.outcome.is_well()).count();
        let (name, seconds) = (&self.profile.name, self.seconds);
        if wrong == 0 {
            let summary = format!("profile `{name}` is up: {} stages in {seconds:.2} s", self.stages.len());
            page.folded(Style::Good, 0, summary);
            self.example.iter().for_each(|example| page.styled(Style::Dim, format!("try: {example}")));
        } else {
            let are = if wrong == 1 { "is" } else { "are" };
            let summary =
                format!("profile `{name}` is not up: {wrong} of {} stages {are} missing", self.stages.len());
            page.folded(Style::Bad, 0, summary);
        }
    }
}
