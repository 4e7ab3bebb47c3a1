//! Waiting until `MetalLB` runs.

use std::time::{Duration, Instant};

use cluster::{Awaited, Cluster, Finding, Kind, Standing};
use tokio::time::timeout;

use super::workload::{Workload, Workloads};
use crate::discovery::failure;
use crate::failure::Failure;

/// How long the cluster may take to tell why something is not ready.
const EXPLAINING: Duration = Duration::from_secs(3);

/// Waits until the controller and the speaker of a namespace are available;
/// says meanwhile how far they are, and at the deadline what keeps them.
pub async fn wait(
    cluster: &Cluster,
    namespace: &str,
    deadline: Instant,
    say: &dyn Fn(&str),
) -> anyhow::Result<()> {
    let workloads = Workloads::find(cluster).await.map_err(|error| failure(&error))?;
    let (controller, speaker) = workloads.in_namespace(namespace);
    let Some(controller) = controller else {
        return Err(Failure::missing(format!("MetalLB has no controller in namespace `{namespace}`"))
            .help(format!("see what the chart made: `helm status metallb --namespace {namespace}`"))
            .into());
    };
    let awaited = |kind: Kind, it: &Workload| Awaited::one(kind, &it.name.namespace, &it.name.name);
    let mut all = vec![awaited(Kind::Deployment, controller)];
    all.extend(speaker.map(|speaker| awaited(Kind::DaemonSet, speaker)));
    let progress = |_: usize, standing: &Standing| {
        if !standing.is_ready() {
            say(&format!("waiting for {}: {standing}", standing.awaited()));
        }
    };
    let standings = cluster.wait(&all, deadline.into(), progress).await.map_err(|error| failure(&error))?;
    if standings.iter().all(Standing::is_ready) {
        return Ok(());
    }
    Err(late(cluster, &standings).await)
}

async fn late(cluster: &Cluster, standings: &[Standing]) -> anyhow::Error {
    let unready: Vec<&Standing> = standings.iter().filter(|standing| !standing.is_ready()).collect();
    let told: Vec<String> = unready.iter().map(|it| format!("{}: {it}", it.awaited())).collect();
    let message = format!("the time was up while waiting for MetalLB; {}", told.join("; "));
    let failure = Failure::timed_out(message)
        .help("`cargo xtask metallb status` tells how it is; give it more time with `--timeout`");
    let findings = unready.iter().flat_map(|standing| standing.findings());
    for finding in findings.filter(|finding| !finding.state.is_ready()) {
        if let Some(warning) = warning(cluster, &finding).await {
            return anyhow::anyhow!(warning).context(failure);
        }
    }
    failure.into()
}

/// The latest warning about an object, if the cluster tells of one.
async fn warning(cluster: &Cluster, finding: &Finding) -> Option<String> {
    let warnings = timeout(EXPLAINING, cluster.warnings(finding)).await.ok()?.ok()?;
    let warning = warnings.first()?;
    Some(format!("{}: {}: {}", warning.object, warning.reason, warning.message))
}
