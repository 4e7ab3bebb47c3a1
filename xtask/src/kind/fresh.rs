//! Whether nodes have told of themselves since they were started. What the API
//! has kept from before says nothing of how they are.

use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use bollard::Docker as Client;
use cluster::{Cluster, Error, Resource};
use futures_util::future::try_join_all;
use serde_json::Value;

use super::{Kind, Node};
use crate::context::Context;
use crate::docker::{Docker, PATIENCE};

/// When a node's container was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Started {
    node: String,
    /// To the second, as heartbeats are.
    at: SystemTime,
}

impl Kind {
    /// When each of the nodes was started; those that never were are left out.
    pub(super) fn started(
        &self,
        cx: &Context,
        docker: &Docker,
        nodes: &[Node],
    ) -> anyhow::Result<Vec<Started>> {
        docker.ask(cx, cx.deadline.or(PATIENCE), "Docker", async |client: Client| {
            let inspected = nodes.iter().map(|node| client.inspect_container(&node.id, None));
            let inspected = try_join_all(inspected).await;
            let inspected =
                inspected.with_context(|| format!("Docker does not tell of `{}`", self.cluster))?;
            let started = nodes.iter().zip(inspected).filter_map(|(node, inspected)| {
                let at = seconds(&inspected.state?.started_at?)?;
                Some(Started { node: node.name.clone(), at })
            });
            Ok(started.collect())
        })
    }
}

/// Those that have not told of themselves since.
pub(super) async fn silent(cluster: &Cluster, started: &[Started]) -> Result<Vec<String>, Error> {
    let objects = cluster.objects(&Resource::NODE, None, None).await?;
    let told = |it: &Started| {
        let object = objects.iter().find(|object| object["metadata"]["name"] == it.node.as_str());
        object.and_then(heartbeat).is_some_and(|heartbeat| heartbeat >= it.at)
    };
    Ok(started.iter().filter(|it| !told(it)).map(|it| it.node.clone()).collect())
}

/// When the kubelet last told of its node: it does so at once when it starts,
/// and every few minutes.
fn heartbeat(node: &Value) -> Option<SystemTime> {
    let mut conditions = node["status"]["conditions"].as_array()?.iter();
    let ready = conditions.find(|condition| condition["type"] == "Ready")?;
    seconds(ready["lastHeartbeatTime"].as_str()?)
}

fn seconds(time: &str) -> Option<SystemTime> {
    let since = humantime::parse_rfc3339(time).ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(since.as_secs()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_heartbeat_is_compared_to_the_second() {
        let node = json!({ "status": { "conditions": [
            { "type": "MemoryPressure", "lastHeartbeatTime": "2026-01-01T00:00:09Z" },
            { "type": "Ready", "lastHeartbeatTime": "2026-01-01T00:00:05Z" },
        ] } });
        let heartbeat = heartbeat(&node).unwrap();
        assert!(heartbeat >= seconds("2026-01-01T00:00:05.912345678Z").unwrap());
        assert!(heartbeat < seconds("2026-01-01T00:00:06.000000001Z").unwrap());
    }

    #[test]
    fn a_node_that_never_told_has_no_heartbeat() {
        for node in [json!({}), json!({ "status": { "conditions": [{ "type": "Ready" }] } })] {
            assert_eq!(heartbeat(&node), None, "{node}");
        }
        assert_eq!(seconds("0001-01-01T00:00:00Z"), None, "a container that was never started");
    }
}
