//! Kinds of object by their place in the API.

use std::borrow::Cow;
use std::fmt;

/// A kind of object by its place in the API: a constant of this type, or any
/// other that a cluster may know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its group; empty for the core group.
    pub group: Cow<'static, str>,
    /// The version of the group: `v1`.
    pub version: Cow<'static, str>,
    /// As objects name it: `Service`.
    pub kind: Cow<'static, str>,
    /// As paths name it: `services`.
    pub plural: Cow<'static, str>,
    /// Whether its objects belong to namespaces.
    pub namespaced: bool,
}

impl Resource {
    /// Namespaces.
    pub const NAMESPACE: Self = Self::of("", "v1", "Namespace", "namespaces", false);
    /// Nodes.
    pub const NODE: Self = Self::of("", "v1", "Node", "nodes", false);
    /// Pods.
    pub const POD: Self = Self::of("", "v1", "Pod", "pods", true);
    /// Secrets.
    pub const SECRET: Self = Self::of("", "v1", "Secret", "secrets", true);
    /// Services.
    pub const SERVICE: Self = Self::of("", "v1", "Service", "services", true);
    /// What stands behind Services.
    pub const ENDPOINT_SLICE: Self =
        Self::of("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", true);
    /// As many pods as are asked for.
    pub const DEPLOYMENT: Self = Self::of("apps", "v1", "Deployment", "deployments", true);
    /// One pod on each node.
    pub const DAEMON_SET: Self = Self::of("apps", "v1", "DaemonSet", "daemonsets", true);
    /// The addresses that `MetalLB` may give to Services.
    pub const IP_ADDRESS_POOL: Self =
        Self::of("metallb.io", "v1beta1", "IPAddressPool", "ipaddresspools", true);
    /// Which pools `MetalLB` tells of on layer 2.
    pub const L2_ADVERTISEMENT: Self =
        Self::of("metallb.io", "v1beta1", "L2Advertisement", "l2advertisements", true);

    const fn of(
        group: &'static str,
        version: &'static str,
        kind: &'static str,
        plural: &'static str,
        namespaced: bool,
    ) -> Self {
        Self {
            group: Cow::Borrowed(group),
            version: Cow::Borrowed(version),
            kind: Cow::Borrowed(kind),
            plural: Cow::Borrowed(plural),
            namespaced,
        }
    }

    /// As objects carry it: `v1`, `apps/v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            return self.version.clone().into_owned();
        }
        format!("{}/{}", self.group, self.version)
    }

    /// The path of the collection, in a namespace or in all.
    pub(crate) fn path(&self, namespace: Option<&str>) -> String {
        let root = if self.group.is_empty() { "api" } else { "apis" };
        let namespace = namespace.map(|namespace| format!("namespaces/{namespace}/")).unwrap_or_default();
        format!("/{root}/{}/{namespace}{}", self.api_version(), self.plural)
    }
}

impl fmt::Display for Resource {
    /// ``kind `Service` of `v1` ``.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "kind `{}` of `{}`", self.kind, self.api_version())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_follows_from_the_group_and_the_namespace() {
        assert_eq!(Resource::NODE.path(None), "/api/v1/nodes");
        assert_eq!(Resource::SERVICE.path(None), "/api/v1/services");
        assert_eq!(Resource::SERVICE.path(Some("a")), "/api/v1/namespaces/a/services");
        let pools = "/apis/metallb.io/v1beta1/namespaces/a/ipaddresspools";
        assert_eq!(Resource::IP_ADDRESS_POOL.path(Some("a")), pools);
    }
}
