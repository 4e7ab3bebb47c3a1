//! What Helm has written down of a release, in a Secret of its namespace.
//!
//! Read without Helm, which takes longer to start than all the rest of a call
//! that finds nothing to do. The form is that of Helm 3's storage driver
//! `secret` (`pkg/storage/driver`): JSON, packed by gzip, in base64, which the
//! API has in base64 once more.

use std::io::Read as _;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cluster::{Cluster, Resource};
use flate2::read::GzDecoder;
use serde::Deserialize;
use serde_json::Value;

use super::objects::name;
use crate::discovery::failure;
use crate::ownership::Owner;
use crate::profile::Version;

/// Name of the release.
pub const RELEASE: &str = "metallb";
/// Largest record that is read, unpacked, in bytes. Those of `MetalLB` have 1 MB.
const MAX_RECORD: u64 = 32 * 1024 * 1024;

/// Where Helm writes releases down.
pub const SECRET: Resource = Resource {
    group: std::borrow::Cow::Borrowed(""),
    version: std::borrow::Cow::Borrowed("v1"),
    kind: std::borrow::Cow::Borrowed("Secret"),
    plural: std::borrow::Cow::Borrowed("secrets"),
    namespaced: true,
};

/// The last revision of the release.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Name of the Secret.
    pub secret: String,
    /// Helm's word: `deployed`, `failed`, `pending-install` and so on.
    pub status: String,
    /// Of the chart; none if it is not one that we can read.
    pub version: Option<Version>,
    /// What was set.
    values: Value,
}

#[derive(Deserialize)]
struct Packed {
    info: Info,
    chart: Chart,
    #[serde(default)]
    config: Value,
}

#[derive(Deserialize)]
struct Info {
    status: String,
}

#[derive(Deserialize)]
struct Chart {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    version: String,
}

impl Record {
    /// The last one of the release in a namespace, if there is any.
    pub async fn find(cluster: &Cluster, namespace: &str) -> anyhow::Result<Option<Self>> {
        let labels = format!("owner=helm,name={RELEASE}");
        let found = cluster.objects(&SECRET, Some(namespace), Some(&labels)).await;
        let found = found.map_err(|error| failure(&error))?;
        let revision = |secret: &Value| -> u64 {
            secret["metadata"]["labels"]["version"].as_str().and_then(|it| it.parse().ok()).unwrap_or(0)
        };
        let Some(last) = found.iter().max_by_key(|secret| revision(secret)) else { return Ok(None) };
        let unreadable =
            || format!("cannot read what Helm wrote down in secret `{namespace}/{}`", name(last));
        Self::read(last).with_context(unreadable).map(Some)
    }

    fn read(secret: &Value) -> anyhow::Result<Self> {
        let text = secret["data"]["release"].as_str().context("it has no key `release`")?;
        let packed = STANDARD.decode(STANDARD.decode(text)?)?;
        let mut json = Vec::new();
        GzDecoder::new(&packed[..]).take(MAX_RECORD).read_to_end(&mut json)?;
        let Packed { info, chart, config } = serde_json::from_slice(&json)?;
        Ok(Self {
            secret: name(secret).to_owned(),
            status: info.status,
            version: Version::parse(&chart.metadata.version),
            values: config,
        })
    }

    /// Whether it is our release: its values say so, also of one that was
    /// never finished. Labels of releases need Helm 3.13.
    pub fn is_of(&self, owner: &Owner) -> bool {
        let said = &self.values["global"]["xtask"];
        said["workspace"] == *owner.workspace && said["profile"] == *owner.profile
    }

    /// Whether these values were set, and no others.
    pub fn has(&self, values: &Value) -> bool {
        self.values == *values
    }

    /// Whether it is installed, and nothing went wrong.
    pub fn is_deployed(&self) -> bool {
        self.status == "deployed"
    }

    /// Whether a Helm is at work on it, or was killed at that.
    pub fn is_pending(&self) -> bool {
        self.status.starts_with("pending-") || self.status == "uninstalling"
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use serde_json::json;

    use super::*;

    fn secret(release: &Value) -> Value {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(release.to_string().as_bytes()).unwrap();
        let text = STANDARD.encode(STANDARD.encode(packer.finish().unwrap()));
        json!({ "metadata": { "name": "sh.helm.release.v1.metallb.v1" }, "data": { "release": text } })
    }

    #[test]
    fn a_record_is_unpacked() {
        let values = json!({ "global": { "xtask": { "workspace": "1", "profile": "coder" } } });
        let release = json!({
            "info": { "status": "pending-upgrade" },
            "chart": { "metadata": { "version": "0.13.11" }, "templates": [] },
            "config": values,
        });
        let record = Record::read(&secret(&release)).unwrap();
        assert_eq!(record.version.unwrap().to_string(), "0.13.11");
        assert!(record.is_pending() && !record.is_deployed() && record.has(&values));
        let owner = |workspace: &str| Owner { workspace: workspace.into(), profile: "coder".into() };
        assert!(record.is_of(&owner("1")) && !record.is_of(&owner("2")));
    }

    #[test]
    fn one_without_values_is_nobodys() {
        let release = json!({
            "info": { "status": "deployed" }, "chart": { "metadata": { "version": "main" } },
        });
        let record = Record::read(&secret(&release)).unwrap();
        assert_eq!(record.version, None);
        assert!(!record.is_of(&Owner { workspace: String::new(), profile: String::new() }));
    }
}
