//! Create, update, patch and delete.

use hyper::header::HeaderValue;
use serde_json::{Value, json};

use crate::{
    apply::APPLY_PATCH,
    failure::Failure,
    read,
    resource::Target,
    store::{Key, Store},
};

const MERGE_PATCH: &str = "application/merge-patch+json";

/// Adds the object to the collection.
pub fn create(store: &mut Store, target: &Target, body: &[u8]) -> Result<Value, Failure> {
    let mut object = parse(body)?;
    if target.resource.namespaced && target.namespace.is_none() {
        return Err(Failure::new(405, "an object is created in a namespace"));
    }
    let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    if name.is_empty() {
        return Err(Failure::new(422, "metadata.name: Required value: name is required"));
    }
    let target = Target { name: Some(name.clone()), ..target.clone() };
    check_identity(&target, &object)?;
    if let Some(namespace) = &target.namespace {
        object["metadata"]["namespace"] = json!(namespace);
    }
    keep_status(&target, &Value::Null, &mut object);
    check_terminating(store, &target)?;
    match target.key() {
        Some(key) if store.get(&key).is_none() => Ok(store.put(key, object)),
        _ => Err(Failure::already_exists(target.resource.plural, &name)),
    }
}

/// Replaces the object.
pub fn replace(store: &mut Store, target: &Target, key: Key, body: &[u8]) -> Result<Value, Failure> {
    let object = parse(body)?;
    update(store, target, key, |_| object)
}

/// Changes the object by a merge patch (RFC 7396).
pub fn patch(
    store: &mut Store,
    target: &Target,
    key: Key,
    content_type: Option<&HeaderValue>,
    body: &[u8],
) -> Result<Value, Failure> {
    if content_type.is_none_or(|content_type| content_type != MERGE_PATCH) {
        return Err(Failure::new(
            415,
            format!("a patch is understood as {MERGE_PATCH} or {APPLY_PATCH} only"),
        ));
    }
    let patch = parse(body)?;
    update(store, target, key, |mut object| {
        json_patch::merge(&mut object, &patch);
        object
    })
}

/// Removes the object.
pub fn delete(store: &mut Store, key: Key) -> Result<Value, Failure> {
    let object = read::get(store, &key)?;
    let details = json!({ "name": key.name, "kind": key.plural, "uid": object["metadata"]["uid"] });
    store.remove(key);
    Ok(
        json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details }),
    )
}

fn update(
    store: &mut Store,
    target: &Target,
    key: Key,
    change: impl FnOnce(Value) -> Value,
) -> Result<Value, Failure> {
    let before = read::get(store, &key)?;
    let mut after = change(before.clone());
    check_identity(target, &after)?;
    let asked = &after["metadata"]["resourceVersion"];
    if !asked.is_null() && *asked != before["metadata"]["resourceVersion"] {
        let object = format!("{} \"{}\"", key.plural, key.name);
        let message = format!("Operation cannot be fulfilled on {object}: the object has been modified");
        return Err(Failure::new(409, message));
    }
    if target.status {
        let status = after["status"].take();
        after = before;
        after["status"] = status;
    } else {
        keep_status(target, &before, &mut after);
    }
    Ok(store.put(key, after))
}

/// The status of what is built in changes through its subresource only.
pub fn keep_status(target: &Target, before: &Value, after: &mut Value) {
    if target.resource.is_custom() {
        return;
    }
    if let Some(fields) = after.as_object_mut() {
        fields.remove("status");
        if let Some(status) = before.get("status") {
            fields.insert("status".to_owned(), status.clone());
        }
    }
}

/// Nothing new comes into a namespace that goes. One that does not exist is no
/// obstacle here.
pub fn check_terminating(store: &Store, target: &Target) -> Result<(), Failure> {
    let Some(namespace) = target.namespace.as_deref().filter(|_| target.resource.namespaced) else {
        return Ok(());
    };
    let found = store.get(&namespace_key(namespace));
    if found.is_some_and(|found| !found["metadata"]["deletionTimestamp"].is_null()) {
        let name = target.name.as_deref().unwrap_or_default();
        return Err(Failure::terminating(target.resource.plural, name, namespace));
    }
    Ok(())
}

pub fn namespace_key(name: &str) -> Key {
    Key { plural: "namespaces", namespace: String::new(), name: name.to_owned() }
}

/// An object that is sent is of the kind, the namespace and the name it is
/// sent to.
pub fn check_identity(target: &Target, object: &Value) -> Result<(), Failure> {
    let metadata = &object["metadata"];
    let expected = [
        (&object["apiVersion"], Some(target.resource.api_version())),
        (&object["kind"], Some(target.resource.kind.to_owned())),
        (&metadata["name"], target.name.clone()),
        (&metadata["namespace"], target.namespace.clone()),
    ];
    let differs = |(found, expected): &(&Value, Option<String>)| {
        !found.is_null() && found.as_str() != expected.as_deref()
    };
    match expected.iter().find(|pair| differs(pair)) {
        Some((found, expected)) => {
            let expected = expected.as_deref().unwrap_or_default();
            Err(Failure::new(400, format!("{found} does not match the expected \"{expected}\"")))
        }
        None => Ok(()),
    }
}

pub fn parse(body: &[u8]) -> Result<Value, Failure> {
    let object = serde_json::from_slice::<Value>(body)
        .map_err(|error| Failure::new(400, format!("the body is not JSON: {error}")))?;
    if object.is_object() { Ok(object) } else { Err(Failure::new(400, "the body is not an object")) }
}
