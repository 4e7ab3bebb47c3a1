//! The kinds the API knows, and how their paths are read.

/// One kind of object.
#[derive(Debug)]
pub struct Resource {
    /// Empty for the core group.
    pub group: &'static str,
    pub version: &'static str,
    pub plural: &'static str,
    pub kind: &'static str,
    pub namespaced: bool,
    /// What a field selector may ask for beyond the name and the namespace.
    pub fields: &'static [&'static str],
}

const fn core(plural: &'static str, kind: &'static str, fields: &'static [&'static str]) -> Resource {
    Resource { group: "", version: "v1", plural, kind, namespaced: true, fields }
}

static RESOURCES: [Resource; 13] = [
    core("configmaps", "ConfigMap", &[]),
    core(
        "events",
        "Event",
        &[
            "involvedObject.kind",
            "involvedObject.name",
            "involvedObject.namespace",
            "involvedObject.uid",
            "reason",
            "type",
        ],
    ),
    Resource { namespaced: false, ..core("namespaces", "Namespace", &["status.phase"]) },
    Resource { namespaced: false, ..core("nodes", "Node", &["spec.unschedulable"]) },
    core("pods", "Pod", &["spec.nodeName", "status.phase"]),
    core("secrets", "Secret", &[]),
    core("services", "Service", &["spec.clusterIP", "spec.type"]),
    Resource { group: "apps", ..core("deployments", "Deployment", &[]) },
    Resource { group: "apps", ..core("daemonsets", "DaemonSet", &[]) },
    Resource { group: "discovery.k8s.io", ..core("endpointslices", "EndpointSlice", &[]) },
    Resource { group: "metallb.io", version: "v1beta1", ..core("ipaddresspools", "IPAddressPool", &[]) },
    Resource { group: "metallb.io", version: "v1beta1", ..core("l2advertisements", "L2Advertisement", &[]) },
    Resource { group: "argoproj.io", version: "v1alpha1", ..core("applications", "Application", &[]) },
];

impl Resource {
    pub fn all() -> &'static [Self] {
        &RESOURCES
    }

    pub fn of_kind(kind: &str) -> Option<&'static Self> {
        RESOURCES.iter().find(|resource| resource.kind == kind)
    }

    /// `v1`, `apps/v1`: what objects carry as `apiVersion`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            return self.version.to_owned();
        }
        format!("{}/{}", self.group, self.version)
    }

    /// Defined by a `CustomResourceDefinition` rather than built in.
    pub fn is_custom(&self) -> bool {
        self.group.contains('.') && !self.group.ends_with(".k8s.io")
    }
}

/// What a path points at.
#[derive(Clone, Debug)]
pub struct Target {
    pub resource: &'static Resource,
    /// Absent for a kind without namespaces and for all namespaces.
    pub namespace: Option<String>,
    /// Absent for the collection.
    pub name: Option<String>,
    /// The status of the object rather than the object.
    pub status: bool,
}

impl Target {
    /// Reads `/api/v1/…` and `/apis/GROUP/VERSION/…`.
    pub fn parse(path: &str) -> Option<Self> {
        let mut segments = path.split('/').skip(1);
        let group = match segments.next()? {
            "api" => "",
            "apis" => segments.next()?,
            _ => return None,
        };
        let version = segments.next()?;
        let rest: Vec<&str> = segments.collect();
        let (namespace, rest) = match rest.as_slice() {
            ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (Some(*namespace), rest),
            rest => (None, rest),
        };
        let (plural, rest) = rest.split_first()?;
        let resource = RESOURCES.iter().find(|resource| {
            resource.group == group && resource.version == version && resource.plural == *plural
        })?;
        let (name, status) = match rest {
            [] => (None, false),
            [name] => (Some(*name), false),
            [name, "status"] => (Some(*name), true),
            _ => return None,
        };
        if resource.namespaced == namespace.is_none() && (name.is_some() || !resource.namespaced) {
            return None;
        }
        Some(Self {
            resource,
            namespace: namespace.map(str::to_owned),
            name: name.map(str::to_owned),
            status,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kind, namespace and name, with a dash for what is absent.
    fn read(path: &str) -> Option<String> {
        let target = Target::parse(path)?;
        let [namespace, name] =
            [target.namespace, target.name].map(|part| part.unwrap_or_else(|| "-".to_owned()));
        let status = if target.status { " status" } else { "" };
        Some(format!("{} {namespace} {name}{status}", target.resource.kind))
    }

    fn assert_read(path: &str, expected: &str) {
        assert_eq!(read(path).as_deref(), Some(expected), "{path}");
    }

    #[test]
    fn a_collection_is_of_one_namespace_or_of_all() {
        assert_read("/api/v1/services", "Service - -");
        assert_read("/api/v1/namespaces/argocd/services", "Service argocd -");
    }

    #[test]
    fn an_object_has_a_status() {
        assert_read("/apis/apps/v1/namespaces/a/deployments/b", "Deployment a b");
        assert_read("/apis/apps/v1/namespaces/a/deployments/b/status", "Deployment a b status");
    }

    #[test]
    fn a_namespace_is_an_object_too() {
        assert_read("/api/v1/namespaces", "Namespace - -");
        assert_read("/api/v1/namespaces/a", "Namespace - a");
    }

    #[test]
    fn what_ends_in_k8s_io_is_built_in() {
        let custom = Resource::all().iter().filter(|resource| resource.is_custom());
        let groups: std::collections::BTreeSet<_> = custom.map(|resource| resource.group).collect();
        assert_eq!(Vec::from_iter(groups), ["argoproj.io", "metallb.io"]);
    }

    #[test]
    fn what_is_not_served_is_nothing() {
        for path in [
            "/",
            "/version",
            "/api/v1",
            "/api/v2/services",
            "/apis/apps/v1/services",
            "/api/v1/services/without-namespace",
            "/api/v1/namespaces/a/nodes",
            "/api/v1/namespaces/a/services/b/proxy",
            "/api/v1/namespaces/a/services/b/status/c",
        ] {
            assert_eq!(read(path), None, "{path}");
        }
    }
}
