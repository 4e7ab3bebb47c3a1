//! What the API tells of the kinds it knows.

use serde_json::{Value, json};

use crate::resource::Resource;

const VERBS: [&str; 7] = ["create", "delete", "get", "list", "patch", "update", "watch"];

/// The group that a path is of; empty for the core group.
pub fn group(path: &str) -> Option<&str> {
    let mut segments = path.split('/').skip(1);
    match segments.next()? {
        "api" => Some(""),
        "apis" => segments.next(),
        _ => None,
    }
}

/// The kinds of the group and version that the path names: `/api/v1`,
/// `/apis/apps/v1`. None where there is no such.
pub fn kinds(path: &str) -> Option<Value> {
    let version = path.strip_prefix("/apis/").or_else(|| path.strip_prefix("/api/"))?;
    let known = Resource::all().iter().filter(|resource| resource.api_version() == version);
    let kinds: Vec<Value> = known
        .map(|resource| {
            json!({
                "name": resource.plural,
                "singularName": resource.kind.to_lowercase(),
                "namespaced": resource.namespaced,
                "kind": resource.kind,
                "verbs": VERBS,
            })
        })
        .collect();
    let list = json!({
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": version,
        "resources": kinds,
    });
    (!kinds.is_empty()).then_some(list)
}
