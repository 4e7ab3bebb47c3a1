//! Which cluster a call is for, and who said so.

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::OnceLock;

use cluster::Access;

use super::Launch;
use crate::environment::Environment;
use crate::flags::Global;

/// How the cluster is found.
#[derive(Debug)]
pub(super) struct ClusterChoice {
    /// By `--kubeconfig` and `--context`, else as kubectl would find it.
    said: Access,
    /// `--kubeconfig` or `--context` was given.
    named: bool,
    /// By the kubeconfig of the profile's own cluster.
    own: OnceLock<Access>,
}

impl ClusterChoice {
    pub(super) fn new(global: &Global, environment: &Environment) -> Self {
        let given = global.kubeconfig.clone().map(|file| vec![file]);
        let files = given.unwrap_or_else(|| environment.kubeconfig.clone());
        let said = Access {
            // Later calls, and the daemon, may be made elsewhere.
            files: files.into_iter().map(|file| std::path::absolute(&file).unwrap_or(file)).collect(),
            context: global.context.clone(),
            in_cluster: environment.in_cluster && global.kubeconfig.is_none(),
            proxies: environment.proxies.clone(),
        };
        let named = global.kubeconfig.is_some() || global.context.is_some();
        Self { said, named, own: OnceLock::new() }
    }

    /// As was said, else by the kubeconfig `own` as long as that is there, else
    /// as kubectl would. A call may make its cluster, and go on with it.
    pub(super) fn access(&self, own: PathBuf) -> &Access {
        if self.named || !own.exists() {
            return &self.said;
        }
        self.own.get_or_init(|| self.by(own))
    }

    /// By this kubeconfig, and in no other way.
    pub(super) fn by(&self, file: PathBuf) -> Access {
        let proxies = self.said.proxies.clone();
        Access { files: vec![file], context: None, in_cluster: false, proxies }
    }

    /// `--kubeconfig` or `--context` was given.
    pub(super) fn is_named(&self) -> bool {
        self.named
    }

    /// The same choice, perhaps for a profile with another cluster of its own.
    pub(super) fn again(&self) -> Self {
        Self { said: self.said.clone(), named: self.named, own: OnceLock::new() }
    }

    /// That of the launch, unless the call names one.
    pub(super) fn resuming(&self, launch: &Launch) -> Self {
        if self.named { self.again() } else { self.relaunching(launch) }
    }

    /// That of the launch, by our own proxies: a launch keeps none.
    pub(super) fn relaunching(&self, launch: &Launch) -> Self {
        let said = Access { proxies: self.said.proxies.clone(), ..launch.access.clone() };
        Self { said, named: launch.names_cluster, own: OnceLock::new() }
    }
}
