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

static RESOURCES: [Resource; 8] = [
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
    core("services", "Service", &["spec.clusterIP", "spec.type"]),
    Resource { group: "apps", ..core("deployments", "Deployment", &[]) },
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

    /// Defined by a CustomResourceDefinition rather than built in.
    pub fn is_custom(&self) -> bool {
        self.group.contains('.')
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
    pub subresource: Option<String>,
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
        let (name, subresource) = match rest {
            [] => (None, None),
            [name] => (Some(*name), None),
            [name, subresource] => (Some(*name), Some(*subresource)),
            _ => return None,
        };
        if resource.namespaced == namespace.is_none() && (name.is_some() || !resource.namespaced) {
            return None;
        }
        Some(Self {
            resource,
            namespace: namespace.map(str::to_owned),
            name: name.map(str::to_owned),
            subresource: subresource.map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str) -> Option<(&'static str, Option<String>, Option<String>, Option<String>)> {
        let target = Target::parse(path)?;
        Some((target.resource.kind, target.namespace, target.name, target.subresource))
    }

    #[test]
    fn a_collection_is_of_one_namespace_or_of_all() {
        assert_eq!(read("/api/v1/services"), Some(("Service", None, None, None)));
        assert_eq!(
            read("/api/v1/namespaces/argocd/services"),
            Some(("Service", Some("argocd".to_owned()), None, None))
        );
    }

    #[test]
    fn an_object_may_have_a_subresource() {
        assert_eq!(
            read("/apis/apps/v1/namespaces/a/deployments/b/status"),
            Some(("Deployment", Some("a".to_owned()), Some("b".to_owned()), Some("status".to_owned())))
        );
    }

    #[test]
    fn a_namespace_is_an_object_too() {
        assert_eq!(read("/api/v1/namespaces"), Some(("Namespace", None, None, None)));
        assert_eq!(read("/api/v1/namespaces/a"), Some(("Namespace", None, Some("a".to_owned()), None)));
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
            "/api/v1/namespaces/a/services/b/c/d",
        ] {
            assert_eq!(read(path), None, "{path}");
        }
    }
}
