//! All Services of the cluster, as they are at one moment.

use std::time::SystemTime;

use k8s_openapi::api::core::v1;
use kube::Api;
use kube::api::ListParams;
use tokio::time::timeout;

use crate::follow::ANSWER_LIMIT;
use crate::time::system_time;
use crate::{Cluster, Error, ObjectName, Service, text};

/// Longest address that is kept, in characters.
const MAX_ADDRESS: usize = 300;

/// A Service in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: ObjectName,
    /// The names of its load balancer are not looked up.
    pub service: Service,
    /// What it answers on besides, as its maker wrote it (`spec.externalIPs`).
    pub external_ips: Vec<String>,
    /// When it was made.
    pub created: Option<SystemTime>,
}

impl Cluster {
    /// All Services in all namespaces, sorted by namespace and name. Asks once
    /// and fails when there is no answer within ten seconds.
    pub async fn services(&self) -> Result<Vec<Listed>, Error> {
        let api: Api<v1::Service> = Api::all(self.client().clone());
        let services = self.answer("services", api.list(&ListParams::default())).await?;
        let mut services: Vec<Listed> = services.items.into_iter().map(Listed::from).collect();
        services.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(services)
    }

    /// The answer about `what`, within ten seconds.
    pub(crate) async fn answer<T>(
        &self,
        what: &str,
        asking: impl Future<Output = kube::Result<T>>,
    ) -> Result<T, Error> {
        match timeout(ANSWER_LIMIT, asking).await {
            Ok(answer) => answer.map_err(|error| Error::of(self.server(), what, &error)),
            Err(_) => Err(Error::silent(self.server(), ANSWER_LIMIT)),
        }
    }
}

impl From<v1::Service> for Listed {
    fn from(service: v1::Service) -> Self {
        let metadata = &service.metadata;
        let name = |name: &Option<String>| name.clone().unwrap_or_default();
        let external = service.spec.iter().flat_map(|spec| spec.external_ips.iter().flatten());
        Self {
            name: ObjectName::new(name(&metadata.namespace), name(&metadata.name)),
            external_ips: external.map(|address| text::line(address, MAX_ADDRESS)).collect(),
            created: metadata.creation_timestamp.as_ref().and_then(|time| system_time(time.0)),
            service: service.into(),
        }
    }
}
