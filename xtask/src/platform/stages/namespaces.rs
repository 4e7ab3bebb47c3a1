//! The stage that makes the namespaces of a profile.

use cluster::{Cluster, Resource};
use futures_util::future::try_join_all;
use serde_json::{Value, json};

use super::{KIND, NAMESPACES};
use crate::context::Context;
use crate::ownership::{MANAGER, Owner};
use crate::platform::ask;
use crate::stage::{Progress, Stage, State};

/// The namespaces of a profile. They go with the cluster.
pub struct NamespacesStage(pub Vec<String>);

impl NamespacesStage {
    async fn missing(&self, cluster: &Cluster) -> Result<Vec<String>, cluster::Error> {
        let there = cluster.objects(&Resource::NAMESPACE, None, None).await?;
        let stays = |object: &&Value| object["metadata"]["deletionTimestamp"].is_null();
        let stay: Vec<&str> =
            there.iter().filter(stays).filter_map(|object| object["metadata"]["name"].as_str()).collect();
        Ok(self.0.iter().filter(|name| !stay.contains(&name.as_str())).cloned().collect())
    }

    fn describe(&self) -> String {
        self.0.join(", ")
    }
}

impl Stage for NamespacesStage {
    fn name(&self) -> &str {
        NAMESPACES
    }

    fn needs(&self) -> Vec<&str> {
        vec![KIND]
    }

    fn check(&self, cx: &Context) -> anyhow::Result<State> {
        let missing = ask(cx, "the namespaces", async |cluster| Ok(self.missing(&cluster).await?))?;
        Ok(match missing.as_slice() {
            [] => State::Up(self.describe()),
            missing => State::Down(format!("making {}", missing.join(", "))),
        })
    }

    fn plan(&self, _: &Context) -> anyhow::Result<Vec<String>> {
        Ok(self.0.iter().map(|name| format!("apply namespace `{name}`")).collect())
    }

    fn make(&self, cx: &Context, _: &Progress<'_>) -> anyhow::Result<String> {
        let labels = Owner::of(cx).labels();
        let object = |name: &String| {
            json!({
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": { "name": name, "labels": labels },
            })
        };
        ask(cx, "the namespaces", async |cluster| {
            let objects: Vec<Value> = self.missing(&cluster).await?.iter().map(object).collect();
            try_join_all(objects.iter().map(|object| cluster.apply(MANAGER, object))).await?;
            Ok(())
        })?;
        Ok(self.describe())
    }

    fn undo(&self, _: &Context, _: &Progress<'_>) -> anyhow::Result<Option<String>> {
        Ok(None)
    }
}
