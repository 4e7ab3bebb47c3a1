//! The kinds of object that can be waited for.

use std::fmt;

use kube::core::{ApiResource, GroupVersionKind};
use serde::Serialize;

use super::Until;

/// A kind of object that can be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A Service.
    Service,
    /// A Deployment of `apps/v1`.
    Deployment,
    /// A `DaemonSet` of `apps/v1`.
    DaemonSet,
    /// A Pod.
    Pod,
    /// A Node; it has no namespace.
    Node,
    /// An Application of Argo CD, `argoproj.io/v1alpha1`.
    Application,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Service, Self::Deployment, Self::DaemonSet, Self::Pod, Self::Node, Self::Application];

    /// Its name in the singular, in the plural, and for short.
    pub fn names(self) -> [&'static str; 3] {
        match self {
            Self::Service => ["service", "services", "svc"],
            Self::Deployment => ["deployment", "deployments", "deploy"],
            Self::DaemonSet => ["daemonset", "daemonsets", "ds"],
            Self::Pod => ["pod", "pods", "po"],
            Self::Node => ["node", "nodes", "no"],
            Self::Application => ["application", "applications", "app"],
        }
    }

    /// Whether its objects belong to namespaces.
    pub fn is_namespaced(self) -> bool {
        self != Self::Node
    }

    /// What is waited for when nothing else is said.
    pub fn default_until(self) -> &'static [Until] {
        match self {
            Self::Service => &[Until::Address],
            Self::Deployment | Self::DaemonSet => &[Until::Available],
            Self::Pod | Self::Node => &[Until::Ready],
            Self::Application => &[Until::Synced, Until::Healthy],
        }
    }

    /// As objects and events name it.
    pub(crate) fn api_kind(self) -> &'static str {
        match self {
            Self::Service => "Service",
            Self::Deployment => "Deployment",
            Self::DaemonSet => "DaemonSet",
            Self::Pod => "Pod",
            Self::Node => "Node",
            Self::Application => "Application",
        }
    }

    /// Whether its objects make pods, which they select by labels.
    pub(crate) fn makes_pods(self) -> bool {
        matches!(self, Self::Deployment | Self::DaemonSet)
    }

    pub(super) fn resource(self) -> ApiResource {
        let (group, version) = match self {
            Self::Service | Self::Pod | Self::Node => ("", "v1"),
            Self::Deployment | Self::DaemonSet => ("apps", "v1"),
            Self::Application => ("argoproj.io", "v1alpha1"),
        };
        let [_, plural, _] = self.names();
        ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk(group, version, self.api_kind()), plural)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [singular, ..] = self.names();
        f.write_str(singular)
    }
}
