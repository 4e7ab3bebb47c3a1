//! How `MetalLB` is.

use cluster::{Cluster, ObjectName, Resource};
use serde::Serialize;
use serde_json::Value;

use super::addresses::Range;
use super::look::{Installation, Look};
use super::pending::{Odd, misplaced, pending};
use super::pool::Pool;
use super::service::Service;
use super::survey::refuse_others;
use super::workload::Workload;
use super::{PATIENCE, install};
use crate::context::Context;
use crate::discovery::failure;
use crate::ownership::Owner;
use crate::profile::{MetallbProfile, Version};

const EVENT: Resource = Resource {
    group: std::borrow::Cow::Borrowed(""),
    version: std::borrow::Cow::Borrowed("v1"),
    kind: std::borrow::Cow::Borrowed("Event"),
    plural: std::borrow::Cow::Borrowed("events"),
    namespaced: true,
};

/// How it is.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// Whether all of the profile's pools are there and the controller runs.
    pub healthy: bool,
    /// What keeps it from that.
    pub problems: Vec<String>,
    /// None if it is not installed.
    pub chart: Option<ChartStatus>,
    /// Where it is, or would be.
    pub namespace: String,
    /// What gives the addresses.
    pub controller: Option<Workload>,
    /// What answers on them.
    pub speaker: Option<Workload>,
    /// The pools there are.
    pub pools: Vec<PoolStatus>,
    /// Services that wait for an address.
    pub pending: Vec<PendingStatus>,
    /// Services that keep another address than they would get now.
    pub misplaced: Vec<Odd>,
}

/// What is installed.
#[derive(Clone, Debug, Serialize)]
pub struct ChartStatus {
    /// If it is known.
    pub version: Option<Version>,
    /// Whether this workspace installed it.
    pub ours: bool,
    /// How it differs from what the profile says, or how somebody else installed it.
    pub note: Option<String>,
}

/// A pool that is there.
#[derive(Clone, Debug, Serialize)]
pub struct PoolStatus {
    /// Its name.
    pub name: String,
    /// Its addresses.
    pub addresses: Vec<Range>,
    /// Whether it is this workspace's.
    pub ours: bool,
    /// Who has them.
    pub holders: Vec<ObjectName>,
}

/// A service that waits for an address.
#[derive(Clone, Debug, Serialize)]
pub struct PendingStatus {
    /// Which, and what for.
    #[serde(flatten)]
    pub odd: Odd,
    /// What the cluster warned of last.
    pub warning: Option<String>,
}

/// Looks at the cluster alone.
pub fn status(cx: &Context) -> anyhow::Result<Status> {
    let profile = cx.profile()?.metallb()?;
    refuse_others(cx)?;
    let owner = Owner::of(cx);
    cx.block_on(cx.deadline.or(PATIENCE), "the cluster's answer", async {
        let cluster = Cluster::open(cx.access()).await.map_err(|error| failure(&error))?;
        let look = Box::pin(Look::at(&cluster, profile, &owner)).await?;
        let mut status = Status::of(&look, profile, &owner);
        for pending in &mut status.pending {
            pending.warning = warning(&cluster, &pending.odd.name).await?;
        }
        Ok(status)
    })?
}

impl Status {
    fn of(look: &Look, profile: &MetallbProfile, owner: &Owner) -> Self {
        let namespace = look.namespace(profile).to_owned();
        let services: Vec<Service> = look.services.iter().filter_map(Service::of).collect();
        let pools = look.pools_in(&namespace);
        let pools: Vec<Pool> = pools.iter().map(|pool| Pool::of(pool, &services, owner)).collect();
        let (controller, speaker) = look.workloads.in_namespace(&namespace);
        let waiting = pending(&services, &pools, controller);
        let problems = problems(look, profile, &pools, controller);
        Self {
            healthy: problems.is_empty(),
            problems,
            chart: ChartStatus::of(&look.installation, profile, owner),
            controller: controller.cloned(),
            speaker: speaker.cloned(),
            pending: waiting.into_iter().map(|odd| PendingStatus { odd, warning: None }).collect(),
            misplaced: misplaced(&services, &pools),
            pools: pools.into_iter().map(PoolStatus::from).collect(),
            namespace,
        }
    }
}

fn problems(
    look: &Look,
    profile: &MetallbProfile,
    pools: &[Pool],
    controller: Option<&Workload>,
) -> Vec<String> {
    if matches!(look.installation, Installation::Absent) {
        return vec!["MetalLB is not installed".to_owned()];
    }
    let mut problems = Vec::new();
    match controller {
        None => problems.push("MetalLB has no controller".to_owned()),
        Some(controller) if !controller.ready => {
            problems.push(format!("MetalLB's controller is not ready: {}", controller.state));
        }
        Some(_) => {}
    }
    let is_there = |name: &str| pools.iter().any(|pool| pool.name == name && !pool.ranges.is_empty());
    let absent = profile.pools.iter().filter(|pool| !is_there(&pool.name));
    let absent: Vec<String> = absent.map(|pool| format!("`{}`", pool.name)).collect();
    if !absent.is_empty() {
        problems.push(format!("no pool {}", absent.join(", ")));
    }
    problems
}

impl ChartStatus {
    fn of(installation: &Installation, profile: &MetallbProfile, owner: &Owner) -> Option<Self> {
        match installation {
            Installation::Absent => None,
            Installation::Ours(record) => {
                let note = install::difference(record, profile.version, owner);
                Some(Self {
                    version: record.version,
                    ours: true,
                    note: Some(note).filter(|note| !note.is_empty()),
                })
            }
            Installation::Foreign(foreign) => Some(Self {
                version: foreign.version,
                ours: false,
                note: Some(format!("somebody else installed it {}", foreign.how)),
            }),
        }
    }
}

impl From<Pool> for PoolStatus {
    fn from(pool: Pool) -> Self {
        Self { name: pool.name, addresses: pool.ranges, ours: pool.ours, holders: pool.holders }
    }
}

/// What the cluster warned of last about a service.
async fn warning(cluster: &Cluster, service: &ObjectName) -> anyhow::Result<Option<String>> {
    let events = cluster.objects(&EVENT, Some(&service.namespace), None).await;
    let events = events.map_err(|error| failure(&error))?;
    let is_about = |event: &&Value| {
        let about = &event["involvedObject"];
        event["type"] == "Warning" && about["kind"] == "Service" && about["name"] == *service.name
    };
    let last = |event: &&Value| {
        let times = [&event["lastTimestamp"], &event["eventTime"], &event["metadata"]["creationTimestamp"]];
        times.iter().find_map(|time| time.as_str()).unwrap_or_default().to_owned()
    };
    let text = |value: &Value| crate::printable::printable(value.as_str().unwrap_or_default());
    let told = events.iter().filter(is_about).max_by_key(last);
    Ok(told.map(|event| format!("{}: {}", text(&event["reason"]), text(&event["message"]))))
}
