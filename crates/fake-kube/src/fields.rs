//! Which manager has set which fields of an object, as `metadata.managedFields`
//! tells it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// The keys that lead to a field.
pub type Path = Vec<String>;

/// What an object says of itself rather than sets.
const IDENTITY: [&str; 5] =
    ["apiVersion", "kind", "metadata.name", "metadata.namespace", "metadata.managedFields"];

/// The fields that an object sets. A list is one field, as if all were atomic.
pub fn leaves(object: &Value) -> BTreeSet<Path> {
    let mut found = BTreeSet::new();
    collect(object, &mut Vec::new(), &mut found);
    found.retain(|path| !IDENTITY.contains(&path.join(".").as_str()));
    found
}

fn collect(value: &Value, path: &mut Path, found: &mut BTreeSet<Path>) {
    match value {
        Value::Object(fields) if !fields.is_empty() && path.join(".") != "metadata.managedFields" => {
            for (key, value) in fields {
                path.push(key.clone());
                collect(value, path, found);
                path.pop();
            }
        }
        _ => {
            found.insert(path.clone());
        }
    }
}

/// What an object has in place of a field, if anything.
pub fn field<'a>(object: &'a Value, path: &Path) -> &'a Value {
    path.iter().fold(object, |value, key| &value[key])
}

/// Takes a field out, and what is empty without it.
pub fn remove(object: &mut Value, path: &[String]) {
    let ([key, rest @ ..], Some(fields)) = (path, object.as_object_mut()) else { return };
    let Some(value) = fields.get_mut(key) else { return };
    remove(value, rest);
    if rest.is_empty() || value.as_object().is_some_and(Map::is_empty) {
        fields.remove(key);
    }
}

/// What a manager has set of an object by applying.
pub fn entry(manager: &str, object: &Value, fields: &BTreeSet<Path>) -> Value {
    let mut tree = json!({});
    for path in fields {
        path.iter().fold(&mut tree, |tree, key| {
            let step = &mut tree[format!("f:{key}")];
            if step.is_null() {
                *step = json!({});
            }
            step
        });
    }
    json!({
        "manager": manager,
        "operation": "Apply",
        "apiVersion": object["apiVersion"],
        "fieldsType": "FieldsV1",
        "fieldsV1": tree,
    })
}

/// The managers of an object: the entry of each, and its fields.
pub fn managers(object: &Value) -> Vec<(Value, BTreeSet<Path>)> {
    let entries = object["metadata"]["managedFields"].as_array().cloned().unwrap_or_default();
    let fields = |entry: &Value| {
        let mut found = BTreeSet::new();
        collect(&entry["fieldsV1"], &mut Vec::new(), &mut found);
        let plain = |path: Path| -> Path {
            path.iter().map(|step| step.strip_prefix("f:").unwrap_or(step).to_owned()).collect()
        };
        found.into_iter().map(plain).collect()
    };
    entries.into_iter().map(|entry| (entry.clone(), fields(&entry))).collect()
}

/// Whether one is the other or lies in it.
pub fn touch(one: &Path, other: &Path) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool() -> Value {
        json!({
            "apiVersion": "metallb.io/v1beta1",
            "kind": "IPAddressPool",
            "metadata": { "name": "a", "namespace": "b", "labels": { "a.b/c": "d" } },
            "spec": { "addresses": ["10.0.0.1"], "autoAssign": false },
        })
    }

    fn names(fields: &BTreeSet<Path>) -> Vec<String> {
        fields.iter().map(|path| path.join("|")).collect()
    }

    #[test]
    fn fields_are_what_an_object_sets() {
        assert_eq!(names(&leaves(&pool())), ["metadata|labels|a.b/c", "spec|addresses", "spec|autoAssign"]);
    }

    #[test]
    fn an_entry_is_read_as_it_was_written() {
        let fields = leaves(&pool());
        let mut object = pool();
        object["metadata"]["managedFields"] = json!([entry("me", &pool(), &fields)]);
        let managers = managers(&object);
        assert_eq!(managers.len(), 1);
        assert_eq!((managers[0].0["manager"].as_str(), &managers[0].1), (Some("me"), &fields));
        assert_eq!(leaves(&object), fields, "who has set fields sets none");
    }

    #[test]
    fn what_is_empty_without_a_field_goes_with_it() {
        let mut object = pool();
        remove(&mut object, &["metadata", "labels", "a.b/c"].map(str::to_owned));
        remove(&mut object, &["spec", "addresses"].map(str::to_owned));
        remove(&mut object, &["spec", "absent", "x"].map(str::to_owned));
        assert_eq!(object["metadata"], json!({ "name": "a", "namespace": "b" }));
        assert_eq!(object["spec"], json!({ "autoAssign": false }));
    }
}
