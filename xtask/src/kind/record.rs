//! How a cluster was made, kept in its control plane.

use anyhow::Context as _;
use bollard::Docker as Client;
use serde::{Deserialize, Serialize};

use super::Config;
use crate::docker::files;
use crate::failure::Failure;

/// Version of the record's shape.
const SCHEMA: u32 = 1;
/// A folder that kind makes in each node.
const FOLDER: &str = "/kind";
const FILE: &str = "xtask.json";

/// How a cluster was made. One without it is half made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    schema: u32,
    /// Id of the workspace, 16 hexadecimal digits.
    pub workspace: String,
    /// Name of the profile.
    pub profile: String,
    /// Tells one configuration from another.
    pub digest: String,
    /// What kind was given.
    pub config: String,
    /// The names of the nodes.
    pub nodes: Vec<String>,
}

impl Record {
    /// That of a cluster which has just been made with `config`.
    pub fn new(workspace: u64, profile: &str, config: &Config, nodes: Vec<String>) -> Self {
        Self {
            schema: SCHEMA,
            workspace: format!("{workspace:016x}"),
            profile: profile.to_owned(),
            digest: config.digest.clone(),
            config: config.yaml.clone(),
            nodes,
        }
    }

    /// Reads it in the node, which need not run; `None` where there is none.
    pub async fn read(client: &Client, node: &str, cluster: &str) -> anyhow::Result<Option<Self>> {
        let content = files::get(client, node, &format!("{FOLDER}/{FILE}")).await?;
        content.map(|content| Self::parse(&content, cluster)).transpose()
    }

    /// Puts it into the node.
    pub async fn put(&self, client: &Client, node: &str) -> anyhow::Result<()> {
        let content = serde_json::to_vec_pretty(self).context("cannot write how the cluster was made")?;
        files::put(client, node, FOLDER, [(FILE, content.as_slice())]).await
    }

    fn parse(content: &[u8], cluster: &str) -> anyhow::Result<Self> {
        let unreadable = || {
            Failure::failed(format!("cannot read how the cluster `{cluster}` was made"))
                .help("use the version of this program that made it, or remove the cluster with `cargo xtask kind down`")
        };
        let record: Self = serde_json::from_slice(content).with_context(unreadable)?;
        if record.schema == SCHEMA {
            return Ok(record);
        }
        Err(anyhow::anyhow!("its record is of version {}, not {SCHEMA}", record.schema).context(unreadable()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_is_told_and_not_guessed() {
        let config = Config { cluster: "c".into(), yaml: "kind: Cluster".into(), digest: "1".into() };
        let mut record = Record::new(7, "coder", &config, vec!["c-control-plane".into()]);
        let text = serde_json::to_vec(&record).unwrap();
        assert_eq!(Record::parse(&text, "c").unwrap(), record);
        record.schema += 1;
        for content in [serde_json::to_vec(&record).unwrap(), b"{".to_vec()] {
            let error = Record::parse(&content, "c").unwrap_err();
            assert_eq!(error.to_string(), "cannot read how the cluster `c` was made");
        }
    }
}
