//! `k8s nodeports`.

mod policy;

use std::time::{Duration, SystemTime};

use cluster::{Cluster, Ingress, Listed, ObjectName, Port, ServiceType};
use serde::Serialize;

use self::policy::{Breach, breaches};
use super::{ports, profile_with_cluster};
use crate::age::age;
use crate::context::Context;
use crate::discovery::failure;
use crate::profile::NodePorts;
use crate::report::{Answer, Page, Table};

/// How long the cluster may take to answer, when `--timeout` says nothing.
const PATIENCE: Duration = Duration::from_secs(20);
/// What stands for an address.
const REDACTED: &str = "<redacted>";

/// List the services with ports on the nodes, and warn of what the profile does not expect
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Load balancers with node ports too
    #[arg(long)]
    all: bool,
    /// Show addresses, which are left out of what may be passed on
    #[arg(long)]
    show_addresses: bool,
}

#[derive(Serialize)]
struct Listing {
    policy: Option<NodePorts>,
    services: Vec<Row>,
    breaches: Vec<Breach>,
}

#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    object: ObjectName,
    #[serde(rename = "type")]
    service_type: ServiceType,
    cluster_ip: Option<String>,
    external: Vec<String>,
    ports: Vec<Port>,
    created: Option<String>,
    #[serde(skip)]
    age: String,
}

impl Args {
    /// Prints them, and warns of what the profile does not expect.
    pub fn run(self, cx: &Context) -> anyhow::Result<()> {
        let profile = profile_with_cluster(cx)?;
        let listing = async {
            let cluster = Cluster::open(cx.access()).await?;
            cluster.services().await
        };
        let listed = cx.block_on(cx.deadline.or(PATIENCE), "the cluster", listing)?;
        let listed = listed.map_err(|error| failure(&error))?;
        let breaches = breaches(profile, &listed);
        for breach in &breaches {
            cx.reporter.warn(&breach.to_string());
        }
        let shown = listed.iter().filter(|it| has_node_ports(it) && (self.all || is_node_port(it)));
        let services = shown.map(|it| Row::of(it, self.show_addresses)).collect();
        cx.reporter.answer("k8s nodeports", &Listing { policy: profile.node_ports, services, breaches })
    }
}

fn is_node_port(listed: &Listed) -> bool {
    listed.service.service_type == ServiceType::NodePort
}

fn has_node_ports(listed: &Listed) -> bool {
    listed.service.ports.iter().any(|port| port.node_port.is_some())
}

impl Row {
    fn of(listed: &Listed, show_addresses: bool) -> Self {
        let service = &listed.service;
        let shown = |address: String| if show_addresses { address } else { REDACTED.to_owned() };
        let given = service.ingress.iter().map(Ingress::to_string);
        Self {
            object: listed.name.clone(),
            service_type: service.service_type,
            cluster_ip: service.cluster_ip.map(|address| shown(address.to_string())),
            external: given.chain(listed.external_ips.iter().cloned()).map(shown).collect(),
            ports: service.ports.clone(),
            created: listed.created.map(|time| humantime::format_rfc3339_seconds(time).to_string()),
            age: listed.created.map_or_else(|| "<unknown>".to_owned(), |then| age(then, SystemTime::now())),
        }
    }

    /// As kubectl's column has it.
    fn external(&self) -> String {
        let mut external = self.external.clone();
        external.dedup();
        match self.service_type {
            _ if !external.is_empty() => external.join(","),
            ServiceType::LoadBalancer => "<pending>".to_owned(),
            _ => "<none>".to_owned(),
        }
    }
}

impl Answer for Listing {
    fn write(&self, page: &mut Page) {
        let headings = ["namespace", "name", "type", "cluster-ip", "external-ip", "port(s)", "age"];
        let mut table = Table::new(&headings);
        for row in &self.services {
            table.row([
                row.object.namespace.clone(),
                row.object.name.clone(),
                row.service_type.to_string(),
                row.cluster_ip.clone().unwrap_or_else(|| "None".to_owned()),
                row.external(),
                ports(&row.ports),
                row.age.clone(),
            ]);
        }
        page.table(&table);
    }
}
