//! What there is of `MetalLB` in the cluster.

use std::net::IpAddr;

use cluster::{Cluster, Error, Resource};
use serde_json::Value;

use super::release::{RELEASE, Record};
use super::workload::{Workload, Workloads};
use crate::discovery::failure;
use crate::ownership::Owner;
use crate::profile::{MetallbProfile, Version};

/// What there is, read side by side.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// Who installed it.
    pub installation: Installation,
    /// What runs of it.
    pub workloads: Workloads,
    /// In all namespaces.
    pub pools: Vec<Value>,
    /// In all namespaces.
    pub advertisements: Vec<Value>,
    /// All there are, of every type.
    pub services: Vec<Value>,
    /// The nodes' own addresses.
    pub nodes: Vec<IpAddr>,
}

/// Who installed it.
#[derive(Clone, Debug, Default)]
pub enum Installation {
    /// Nobody.
    #[default]
    Absent,
    /// This workspace, by Helm.
    Ours(Record),
    /// Somebody else.
    Foreign(Foreign),
}

/// An installation of somebody else.
#[derive(Clone, Debug)]
pub struct Foreign {
    /// For people: how it was installed.
    pub how: String,
    /// Where.
    pub namespace: String,
    /// If it is known.
    pub version: Option<Version>,
    /// Whether it was installed to the end.
    pub complete: bool,
}

impl Look {
    /// Asks the cluster.
    pub async fn at(cluster: &Cluster, profile: &MetallbProfile, owner: &Owner) -> anyhow::Result<Self> {
        let answers = async {
            tokio::try_join!(
                Workloads::find(cluster),
                all(cluster, Resource::IP_ADDRESS_POOL),
                all(cluster, Resource::L2_ADVERTISEMENT),
                all(cluster, Resource::SERVICE),
                all(cluster, Resource::NODE),
            )
        };
        let (record, answers) = tokio::join!(Record::find(cluster, &profile.namespace), answers);
        let (workloads, pools, advertisements, services, nodes) = answers.map_err(|error| failure(&error))?;
        let installation = Installation::of(record?, &workloads, profile, owner);
        let nodes = nodes.iter().flat_map(addresses).collect();
        Ok(Self { installation, workloads, pools, advertisements, services, nodes })
    }

    /// Where it is, or will be.
    pub fn namespace<'a>(&'a self, profile: &'a MetallbProfile) -> &'a str {
        match &self.installation {
            Installation::Foreign(foreign) => &foreign.namespace,
            Installation::Absent | Installation::Ours(_) => &profile.namespace,
        }
    }

    /// The pools that count: `MetalLB` reads those of its own namespace.
    pub fn pools_in(&self, namespace: &str) -> Vec<Value> {
        in_namespace(&self.pools, namespace)
    }

    /// The same of what tells the network of pools.
    pub fn advertisements_in(&self, namespace: &str) -> Vec<Value> {
        in_namespace(&self.advertisements, namespace)
    }
}

fn in_namespace(objects: &[Value], namespace: &str) -> Vec<Value> {
    objects.iter().filter(|object| object["metadata"]["namespace"] == namespace).cloned().collect()
}

impl Installation {
    fn of(record: Option<Record>, workloads: &Workloads, profile: &MetallbProfile, owner: &Owner) -> Self {
        match record {
            Some(record) if record.is_of(owner) => Self::Ours(record),
            Some(record) if record.status != "uninstalled" => {
                let how = format!("as release `{RELEASE}` of Helm, in state `{}`", record.status);
                let (namespace, complete) = (profile.namespace.clone(), record.is_deployed());
                Self::Foreign(Foreign { how, namespace, version: record.version, complete })
            }
            // By plain manifests, or under another name. What a release without a record has left
            // behind is taken over by the next one of its name.
            _ => {
                let own = format!("{}/{RELEASE}", profile.namespace);
                let is_other = |it: &&Workload| it.release.as_ref() != Some(&own);
                let found = workloads.controllers.iter().find(is_other);
                found.map_or(Self::Absent, |found| Self::Foreign(found.into()))
            }
        }
    }
}

impl From<&Workload> for Foreign {
    fn from(controller: &Workload) -> Self {
        let how = match &controller.release {
            Some(release) => format!("as release `{release}` of Helm"),
            None => format!("without Helm, as deployment `{}`", controller.name),
        };
        let namespace = controller.name.namespace.clone();
        Self { how, namespace, version: controller.version, complete: true }
    }
}

/// All objects of a kind; where what defines it is not there, there is none.
async fn all(cluster: &Cluster, kind: Resource) -> Result<Vec<Value>, Error> {
    match cluster.objects(&kind, None, None).await {
        Err(Error::UnknownKind { .. }) => Ok(Vec::new()),
        answer => answer,
    }
}

fn addresses(node: &Value) -> Vec<IpAddr> {
    let addresses = node["status"]["addresses"].as_array().into_iter().flatten();
    let internal = addresses.filter(|address| address["type"] == "InternalIP");
    internal.filter_map(|address| address["address"].as_str()?.parse().ok()).collect()
}
