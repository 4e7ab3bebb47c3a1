//! Server-side apply.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    failure::Failure,
    fields,
    request::Request,
    resource::Target,
    store::{Key, Store},
    write::{check_identity, check_terminating, keep_status, namespace_key, parse},
};

/// Its content type. The body is taken as JSON only.
pub const APPLY_PATCH: &str = "application/apply-patch+yaml";

/// Makes the fields that are sent what they are there, in the name of a
/// manager, unless they are another's: what others wrote without applying is
/// nobody's. Returns the status code and the object.
pub fn apply(
    store: &mut Store,
    target: &Target,
    key: Key,
    request: &Request,
    body: &[u8],
) -> Result<(u16, Value), Failure> {
    let manager = request.parameter("fieldManager").filter(|manager| !manager.is_empty());
    let manager = manager
        .ok_or_else(|| Failure::new(422, "fieldManager: Required value: is required for apply patch"))?;
    if request.is_set("force") {
        return Err(Failure::new(400, "force is not understood"));
    }
    let wanted = parse(body)?;
    check_identity(target, &wanted)?;
    if !wanted["metadata"]["managedFields"].is_null() {
        return Err(Failure::new(400, "metadata.managedFields must be nil"));
    }
    match store.get(&key).cloned() {
        None => Ok((201, create(store, target, key, &manager, wanted)?)),
        Some(before) => Ok((200, change(store, target, key, &manager, before, &wanted)?)),
    }
}

fn create(
    store: &mut Store,
    target: &Target,
    key: Key,
    manager: &str,
    wanted: Value,
) -> Result<Value, Failure> {
    if let Some(namespace) = &target.namespace
        && store.get(&namespace_key(namespace)).is_none()
    {
        return Err(Failure::not_found("namespaces", namespace));
    }
    check_terminating(store, target)?;
    let entry = fields::entry(manager, &wanted, &fields::leaves(&wanted));
    let mut object = wanted;
    let metadata = &mut object["metadata"];
    metadata["name"] = json!(key.name);
    if !key.namespace.is_empty() {
        metadata["namespace"] = json!(key.namespace);
    }
    metadata["managedFields"] = json!([entry]);
    keep_status(target, &Value::Null, &mut object);
    Ok(store.put(key, object))
}

fn change(
    store: &mut Store,
    target: &Target,
    key: Key,
    manager: &str,
    before: Value,
    wanted: &Value,
) -> Result<Value, Failure> {
    let mine = fields::leaves(wanted);
    let (own, others): (Vec<_>, Vec<_>) =
        fields::managers(&before).into_iter().partition(|(entry, _)| is_of(entry, manager));
    check_conflicts(&before, wanted, &mine, &others)?;

    let mut after = before.clone();
    json_patch::merge(&mut after, wanted);
    let is_kept = |path: &fields::Path| {
        let mut theirs = others.iter().flat_map(|(_, theirs)| theirs);
        mine.contains(path) || theirs.any(|their| fields::touch(path, their))
    };
    for path in own.iter().flat_map(|(_, fields)| fields).filter(|path| !is_kept(path)) {
        fields::remove(&mut after, path);
    }
    let entry = fields::entry(manager, wanted, &mine);
    if let Value::Array(entries) = &mut after["metadata"]["managedFields"] {
        match entries.iter_mut().find(|entry| is_of(entry, manager)) {
            Some(own) => *own = entry,
            None => entries.push(entry),
        }
    } else {
        after["metadata"]["managedFields"] = json!([entry]);
    }
    keep_status(target, &before, &mut after);
    if after == before { Ok(before) } else { Ok(store.put(key, after)) }
}

fn is_of(entry: &Value, manager: &str) -> bool {
    entry["manager"] == manager && entry["operation"] == "Apply"
}

/// Nobody changes what another manager has set.
fn check_conflicts(
    before: &Value,
    wanted: &Value,
    mine: &BTreeSet<fields::Path>,
    others: &[(Value, BTreeSet<fields::Path>)],
) -> Result<(), Failure> {
    let mut conflicts = Vec::new();
    let changed = || mine.iter().filter(|path| fields::field(before, path) != fields::field(wanted, path));
    for (entry, theirs) in others {
        let manager = entry["manager"].as_str().unwrap_or_default();
        let set = changed().filter(|path| theirs.iter().any(|their| fields::touch(path, their)));
        conflicts.extend(set.map(|path| (manager.to_owned(), format!(".{}", path.join(".")))));
    }
    if conflicts.is_empty() { Ok(()) } else { Err(Failure::conflicts(&conflicts)) }
}
