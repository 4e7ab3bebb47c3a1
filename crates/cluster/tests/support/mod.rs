//! What the tests of `cluster` share.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "every test uses its own part; a failed set-up is a failed test"
)]

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use cluster::{Access, Cluster, Error, HostListRef, Last, ObjectName, Observed, Seen, Service, Wanted};
use tempfile::TempDir;
use tokio::sync::watch::Receiver;

/// Far longer than anything takes here; only a defect waits for it.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A token that must be in no message.
pub(crate) const TOKEN: &str = "t0p-s3cr3t";

/// A kubeconfig in a folder of its own.
pub(crate) struct Kubeconfig {
    folder: TempDir,
}

impl Kubeconfig {
    /// With this text.
    pub(crate) fn of(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("config"), text).unwrap();
        Self { folder }
    }

    /// For the cluster at `server`; `cluster` and `user` add YAML fields to theirs.
    pub(crate) fn new(server: &str, cluster: &str, user: &str) -> Self {
        Self::of(&format!(
            "current-context: test\n\
             clusters:\n- name: test\n  cluster: {{server: \"{server}\", {cluster}}}\n\
             users:\n- name: test\n  user: {{{user}}}\n\
             contexts:\n- name: test\n  context: {{cluster: test, user: test}}\n"
        ))
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    pub(crate) async fn open(&self) -> Result<Cluster, Error> {
        Cluster::open(&Access { files: vec![self.path()], ..Access::default() }).await
    }
}

/// The cluster at `address`, asked with a token.
pub(crate) async fn open(address: &str) -> Cluster {
    Kubeconfig::new(address, "", &format!("token: {TOKEN}")).open().await.unwrap()
}

pub(crate) fn argo() -> ObjectName {
    ObjectName::new("argocd", "argocd-server")
}

/// The Service that most tests look for.
pub(crate) fn service_wanted() -> Wanted {
    Wanted { services: vec![argo()], host_list: None }
}

/// The host list in this namespace.
pub(crate) fn hosts_wanted(namespace: &str) -> Wanted {
    let config_map = ObjectName::new(namespace, "hosts");
    let list = HostListRef {
        config_map,
        key: "hosts".into(),
        domain: "kind.internal".to_owned().try_into().unwrap(),
    };
    Wanted { services: Vec::new(), host_list: Some(list) }
}

/// Waits until what is seen of the only Service is so, and returns it.
pub(crate) async fn service(
    seen: &mut Receiver<Seen>,
    is_so: impl Fn(&Observed<Service>) -> bool,
) -> Observed<Service> {
    let only = |seen: &Seen| seen.services.values().next().unwrap().clone();
    only(&until(seen, |seen| is_so(&only(seen))).await)
}

pub(crate) async fn until(seen: &mut Receiver<Seen>, is_so: impl Fn(&Seen) -> bool) -> Seen {
    let waited = tokio::time::timeout(PATIENCE, seen.wait_for(is_so)).await.map(|seen| seen.unwrap().clone());
    waited.unwrap_or_else(|_| panic!("it never came to that: {:?}", seen.borrow()))
}

/// Where the Service's port 443 is reached.
pub(crate) fn backend(observed: &Observed<Service>) -> Option<String> {
    match &observed.last {
        Last::There(service) => {
            service.backend(443.try_into().unwrap()).ok().map(|backend| backend.to_string())
        }
        _ => None,
    }
}

/// The trouble that the Service's cluster makes, and nothing of it is a secret.
pub(crate) async fn trouble(cluster: &Cluster) -> Error {
    let mut seen = cluster.watch(&service_wanted());
    let error = service(&mut seen, |service| service.trouble.is_some()).await.trouble.unwrap();
    let told = format!("{error} {error:?} {}", error.help());
    assert!(!told.contains(TOKEN), "{told}");
    assert!(!error.help().is_empty() && error.help().contains('`'), "{}", error.help());
    error
}
