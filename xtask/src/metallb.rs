//! `MetalLB`: what gives services of type `LoadBalancer` their addresses.
//!
//! The chart is installed by Helm, and the pools are applied: an address for
//! each service that the profile names, out of the network of the nodes, and
//! some for all others.

mod addresses;
mod claim;
mod gateway;
mod helm;
mod install;
mod look;
mod network;
mod objects;
mod pending;
mod pool;
mod pools;
mod ready;
mod release;
mod report;
mod service;
mod status;
mod survey;
mod workload;

use std::path::Path;
use std::time::{Duration, Instant};

use cluster::{Applied, Cluster};

use self::addresses::Range;
use self::install::Installer;
use self::objects::{name, ranges};
use self::pending::misplaced;
use self::report::{ChartReport, PoolReport, summary};
use self::survey::Survey;
use crate::context::Context;
use crate::discovery::failure;
use crate::failure::{Exit, exit_of};
use crate::ownership::Owner;
use crate::profile::MetallbProfile;
use crate::stage::State;

pub use gateway::gateway;
pub use install::ChartChange;
pub use report::{PoolChange, Report, shown};
pub use status::{Status, status};

/// How long the cluster may take to answer, when `--timeout` says nothing.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long it may take until all runs, when `--timeout` says nothing: images are pulled.
const READY: Duration = Duration::from_mins(10);

/// Installs `MetalLB` where it is not there as the profile says, or from
/// `chart`, an archive or folder; waits until it runs; then gives each pool its
/// addresses. Nothing is changed where there is no room for them.
pub fn apply(cx: &Context, chart: Option<&Path>, say: &dyn Fn(&str)) -> anyhow::Result<Report> {
    let profile = cx.profile()?.metallb()?;
    let deadline = cx.deadline.or(READY);
    let survey = Survey::of(cx, deadline)?;
    let installer = Installer::of(cx, profile, chart, &survey.look, survey.context.as_deref())?;
    if let Some(note) = &installer.note {
        say(note);
    }
    let survey = claimed(cx, survey, deadline)?;
    if let Some(shortage) = survey.shortage(profile) {
        cx.reporter.warn(&shortage);
    }
    if !installer.is_done() {
        with_cluster(cx, deadline, async |cluster| installer.mend(&cluster, &survey.namespace, say).await)?;
        installer.run(cx, say)?;
    }
    let made = make(cx, &survey, installer.is_done(), deadline, say)?;
    let owner = Owner::of(cx);
    Ok(Report {
        chart: ChartReport { version: installer.version, change: installer.change },
        pools: pool_reports(&survey, &made),
        deleted: survey.changes.delete.iter().map(|object| name(object).to_owned()).collect(),
        misplaced: misplaced(&survey.services(), &survey.pools(&owner)),
        namespace: survey.namespace,
    })
}

/// Makes the pools of an installation of ours what they shall be now, where the
/// network of the nodes has changed: what was done, in words.
pub fn repair(cx: &Context, say: &dyn Fn(&str)) -> anyhow::Result<Vec<String>> {
    let deadline = cx.deadline.or(READY);
    let survey = Survey::of(cx, deadline)?;
    let ours = matches!(survey.look.installation, look::Installation::Ours(_));
    if !ours || survey.changes.is_empty() {
        return Ok(Vec::new());
    }
    let survey = claimed(cx, survey, deadline)?;
    make(cx, &survey, true, deadline, say)?;
    Ok(survey.changes.plan())
}

/// A survey whose addresses are this cluster's alone: this one, or a later one
/// where other clusters have chosen the same at the same time.
fn claimed(cx: &Context, mut survey: Survey, deadline: Instant) -> anyhow::Result<Survey> {
    while !claim::stake(cx, &survey.network, &survey.ranges())? {
        survey = Survey::of(cx, deadline)?;
    }
    Ok(survey)
}

/// Waits until all runs, and makes the pools what they shall be.
fn make(
    cx: &Context,
    survey: &Survey,
    installed: bool,
    deadline: Instant,
    say: &dyn Fn(&str),
) -> anyhow::Result<Vec<(String, Applied)>> {
    if installed && survey.changes.is_empty() && runs(survey) {
        return Ok(Vec::new());
    }
    with_cluster(cx, deadline, async |cluster| {
        ready::wait(&cluster, &survey.namespace, deadline, say).await?;
        survey.changes.make(&cluster, deadline, say).await
    })
}

/// Whether the controller and the speaker were seen to run.
fn runs(survey: &Survey) -> bool {
    let (controller, speaker) = survey.look.workloads.in_namespace(&survey.namespace);
    controller.is_some_and(|it| it.ready) && speaker.is_none_or(|it| it.ready)
}

fn with_cluster<T>(
    cx: &Context,
    deadline: Instant,
    work: impl AsyncFnOnce(Cluster) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    /// What waits inside tells more than the time limit around it.
    const SPARE: Duration = Duration::from_secs(5);
    cx.block_on(deadline + SPARE, "MetalLB", async {
        work(Cluster::open(cx.access()).await.map_err(|error| failure(&error))?).await
    })?
}

fn pool_reports(survey: &Survey, made: &[(String, Applied)]) -> Vec<PoolReport> {
    let pools = survey.wanted.iter().filter(|object| object["kind"] == "IPAddressPool");
    let change = |name: &str| {
        let made = made.iter().find(|(made, _)| made == name);
        made.map_or(PoolChange::Already, |(_, applied)| PoolChange::from(*applied))
    };
    let report = |object: &serde_json::Value| PoolReport {
        name: name(object).to_owned(),
        addresses: ranges(object),
        change: change(name(object)),
    };
    pools.map(report).collect()
}

/// What `apply` would do; nothing where all is so already. Where there is no
/// cluster yet, what is known without.
pub fn plan(cx: &Context, chart: Option<&Path>) -> anyhow::Result<Vec<String>> {
    let profile = cx.profile()?.metallb()?;
    let survey = match Survey::of(cx, cx.deadline.or(PATIENCE)) {
        Ok(survey) => survey,
        Err(error) if exit_of(&error) == Exit::Missing => return Ok(plan_unseen(cx, profile, &error)),
        Err(error) => return Err(error),
    };
    let installer = Installer::of(cx, profile, chart, &survey.look, survey.context.as_deref())?;
    let mut steps = installer.plan();
    steps.extend(survey.changes.plan());
    Ok(steps)
}

fn plan_unseen(cx: &Context, profile: &MetallbProfile, error: &anyhow::Error) -> Vec<String> {
    cx.reporter.note(&format!("{error:#}; what is there already is not known"));
    let MetallbProfile { chart, version, namespace, .. } = profile;
    let names: Vec<String> = profile.pools.iter().map(|pool| format!("`{}`", pool.name)).collect();
    vec![
        format!("install chart `{chart}` {version} into namespace `{namespace}`"),
        format!("apply the pools {} and one for {} addresses more", names.join(", "), profile.rest),
    ]
}

/// Whether all is as `apply` makes it.
pub fn check(cx: &Context, chart: Option<&Path>) -> anyhow::Result<State> {
    let profile = cx.profile()?.metallb()?;
    let survey = Survey::of(cx, cx.deadline.or(PATIENCE))?;
    let owner = Owner::of(cx);
    let down = |why: String| Ok(State::Down(why));
    match &survey.look.installation {
        look::Installation::Absent => return down("MetalLB is not installed".to_owned()),
        look::Installation::Ours(record) => {
            let difference = if chart.is_none() {
                install::difference(record, profile.version, &owner)
            } else {
                let context = survey.context.as_deref();
                Installer::of(cx, profile, chart, &survey.look, context)?.note.unwrap_or_default()
            };
            if !difference.is_empty() {
                return down(difference);
            }
        }
        look::Installation::Foreign(_) => {}
    }
    if !runs(&survey) {
        return down("MetalLB does not run wholly".to_owned());
    }
    if !survey.changes.is_empty() {
        return down(survey.changes.plan().join("; "));
    }
    let pools: Vec<(String, Vec<Range>)> =
        survey.pools(&owner).into_iter().map(|pool| (pool.name, pool.ranges)).collect();
    Ok(State::Up(summary(pools.iter().map(|(name, ranges)| (name.as_str(), &ranges[..])))))
}
