//! Getting the chart into the cluster.

use std::path::Path;

use cluster::Cluster;
use serde::Serialize;
use serde_json::Value;

use super::helm::{Chart, Helm, values};
use super::look::{Foreign, Installation, Look};
use super::release::{Record, SECRET};
use crate::context::Context;
use crate::discovery::failure;
use crate::failure::Failure;
use crate::ownership::Owner;
use crate::process::Program;
use crate::profile::{MetallbProfile, Version};

/// What became of the chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChartChange {
    /// It was not there.
    Installed,
    /// It was there, of another version, with other values, or half made.
    Upgraded,
    /// It was there as it shall be.
    Already,
    /// Somebody else installed it, and it will do.
    Foreign,
}

/// What is to be done about the chart.
#[derive(Debug)]
pub struct Installer<'a> {
    /// What it comes to.
    pub change: ChartChange,
    /// Its version, as it will be.
    pub version: Version,
    /// What is odd about it.
    pub note: Option<String>,
    step: Option<Step<'a>>,
}

#[derive(Debug)]
struct Step<'a> {
    helm: Helm,
    chart: Chart<'a>,
    program: Program,
    /// The record of a Helm that was killed at work.
    stuck: Option<Record>,
}

impl<'a> Installer<'a> {
    /// Looks what is to be done, and whether it can be; `context` is that of
    /// the kubeconfig. Refuses an installation of somebody else that will not do.
    pub fn of(
        cx: &Context,
        profile: &'a MetallbProfile,
        local: Option<&Path>,
        look: &Look,
        context: Option<&str>,
    ) -> anyhow::Result<Self> {
        let owner = Owner::of(cx);
        if let Installation::Foreign(foreign) = &look.installation {
            return Ok(Self::using(foreign, profile)?);
        }
        let record = match &look.installation {
            Installation::Ours(record) => Some(record),
            Installation::Absent | Installation::Foreign(_) => None,
        };
        // Helm does not see that somebody has deleted what it made.
        let (controller, _) = look.workloads.in_namespace(&profile.namespace);
        let whole = record.filter(|it| controller.is_some() && it.is_deployed() && it.has(&values(&owner)));
        let there = whole.and_then(|record| record.version);
        let already = |version| Self { change: ChartChange::Already, version, note: None, step: None };
        // A newer one was asked for in so many words, with a chart.
        if let Some(there) = there.filter(|there| local.is_none() && *there >= profile.version) {
            return Ok(already(there));
        }
        let helm = Helm::find(profile)?;
        let chart = helm.chart(cx, profile, local)?;
        if there == Some(chart.version) {
            return Ok(already(chart.version));
        }
        helm.check(cx, profile)?;
        let program = helm.upgrade(cx, &chart, &owner, context);
        let stuck = record.filter(|record| record.is_pending()).cloned();
        let change = if record.is_some() { ChartChange::Upgraded } else { ChartChange::Installed };
        let note = record.map(|record| difference(record, chart.version, &owner));
        let version = chart.version;
        Ok(Self { change, version, note, step: Some(Step { helm, chart, program, stuck }) })
    }

    /// Uses what is there, if it will do.
    fn using(foreign: &Foreign, profile: &MetallbProfile) -> Result<Self, Failure> {
        let Foreign { how, namespace, version, complete } = foreign;
        let shown = version.map_or("an unknown version".to_owned(), |version| version.to_string());
        let what = format!("MetalLB {shown} is there, which somebody else installed {how}");
        match version {
            Some(version) if *complete && *version >= profile.version => Ok(Self {
                change: ChartChange::Foreign,
                version: *version,
                note: Some(format!("{what}, in namespace `{namespace}`; it is used as it is")),
                step: None,
            }),
            _ => Err(Failure::refused(format!("{what}; {} or newer is needed", profile.version)).help(
                format!(
                    "bring it up to date as it was installed; or, if nobody needs it, remove it, \
                     such as with `helm uninstall metallb --namespace {namespace}`, and run this again"
                ),
            )),
        }
    }

    /// What `run` would do.
    pub fn plan(&self) -> Vec<String> {
        let Some(step) = &self.step else { return Vec::new() };
        let stuck =
            step.stuck.iter().map(|record| format!("remove `{}`: {}", record.secret, interrupted(record)));
        stuck.chain([format!("run `{}`", step.program)]).collect()
    }

    /// Whether there is nothing to do.
    pub fn is_done(&self) -> bool {
        self.step.is_none()
    }

    /// Removes what a killed Helm left behind: as long as its record says that
    /// one is at work, no other begins. We hold the turn, so it is not at work.
    /// What it made is taken over by the next one.
    pub async fn mend(&self, cluster: &Cluster, namespace: &str, say: &dyn Fn(&str)) -> anyhow::Result<()> {
        let Some(record) = self.step.as_ref().and_then(|step| step.stuck.as_ref()) else { return Ok(()) };
        say(&format!("removing `{}`: {}", record.secret, interrupted(record)));
        let removed = cluster.delete(&SECRET, Some(namespace), &record.secret).await;
        removed.map(drop).map_err(|error| failure(&error))
    }

    /// Installs it; returns when its objects are there.
    pub fn run(&self, cx: &Context, say: &dyn Fn(&str)) -> anyhow::Result<()> {
        let Some(Step { helm, chart, program, .. }) = &self.step else { return Ok(()) };
        say(&format!("installing {chart}"));
        helm.run(cx, program, chart)
    }
}

/// How the release differs from what it shall be; nothing where it does not.
pub fn difference(record: &Record, version: Version, owner: &Owner) -> String {
    let wanted: Value = values(owner);
    if record.is_pending() {
        return interrupted(record);
    }
    match record.version {
        _ if !record.is_deployed() => format!("the release is in state `{}`", record.status),
        Some(there) if there < version => {
            format!("the chart is of version {there}, and {version} is wanted")
        }
        None => format!("the chart is of another version than {version}"),
        Some(_) if !record.has(&wanted) => "the chart has other values".to_owned(),
        Some(_) => String::new(),
    }
}

fn interrupted(record: &Record) -> String {
    format!("Helm was interrupted at its work (`{}`)", record.status)
}
