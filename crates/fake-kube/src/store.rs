//! The objects, and each change that made them what they are.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::failure::Failure;

/// Where an object is kept. The order is that of lists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub plural: &'static str,
    /// Empty for a kind without namespaces.
    pub namespace: String,
    pub name: String,
}

/// One step from one revision to the next.
#[derive(Debug)]
pub struct Change {
    pub revision: u64,
    pub key: Key,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// The objects of the cluster and their history since the last expiry.
#[derive(Debug)]
pub struct Store {
    objects: BTreeMap<Key, Value>,
    changes: Vec<Change>,
    revision: u64,
    /// What came before this is forgotten.
    oldest: u64,
}

impl Store {
    /// An empty store whose changes are numbered from `revision` on.
    pub fn new(revision: u64) -> Self {
        Self { objects: BTreeMap::new(), changes: Vec::new(), revision, oldest: revision }
    }

    /// The number of the latest change.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    pub fn get(&self, key: &Key) -> Option<&Value> {
        self.objects.get(key)
    }

    /// Creates or replaces an object. Returns it as stored.
    pub fn put(&mut self, key: Key, mut object: Value) -> Value {
        self.revision += 1;
        let before = self.objects.get(&key).cloned();
        let uid = match &before {
            Some(before) => before["metadata"]["uid"].clone(),
            None => json!(format!("00000000-0000-4000-8000-{:012x}", self.revision)),
        };
        let metadata = metadata(&mut object);
        metadata.insert("uid".to_owned(), uid);
        set_revision(&mut object, self.revision);
        self.objects.insert(key.clone(), object.clone());
        self.changes.push(Change { revision: self.revision, key, before, after: Some(object.clone()) });
        object
    }

    /// Removes an object. Returns whether there was one.
    pub fn remove(&mut self, key: Key) -> bool {
        let Some(before) = self.objects.remove(&key) else {
            return false;
        };
        self.revision += 1;
        self.changes.push(Change { revision: self.revision, key, before: Some(before), after: None });
        true
    }

    /// Forgets all history: only what is read from now on can be gone on from.
    pub fn expire(&mut self) {
        self.revision += 1;
        self.oldest = self.revision;
        self.changes.clear();
    }

    /// What has changed after `revision`.
    pub fn changes_since(&self, revision: u64) -> Result<&[Change], Failure> {
        self.check_age(revision)?;
        let known = self.changes.partition_point(|change| change.revision <= revision);
        Ok(&self.changes[known..])
    }

    /// The objects as they were at `revision`.
    pub fn snapshot(&self, revision: u64) -> Result<BTreeMap<Key, Value>, Failure> {
        self.check_age(revision)?;
        let mut objects = self.objects.clone();
        for change in self.changes.iter().rev().take_while(|change| change.revision > revision) {
            match &change.before {
                Some(before) => objects.insert(change.key.clone(), before.clone()),
                None => objects.remove(&change.key),
            };
        }
        Ok(objects)
    }

    fn check_age(&self, revision: u64) -> Result<(), Failure> {
        if revision < self.oldest { Err(Failure::expired(revision, self.oldest)) } else { Ok(()) }
    }
}

/// Marks an object as of a revision.
pub fn set_revision(object: &mut Value, revision: u64) {
    metadata(object).insert("resourceVersion".to_owned(), json!(revision.to_string()));
}

/// The metadata of an object, made where there is none.
fn metadata(object: &mut Value) -> &mut Map<String, Value> {
    let metadata = &mut object["metadata"];
    if !metadata.is_object() {
        *metadata = json!({});
    }
    match metadata {
        Value::Object(metadata) => metadata,
        _ => unreachable!("it was just made an object"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Key {
        Key { plural: "services", namespace: "a".to_owned(), name: name.to_owned() }
    }

    #[test]
    fn each_change_has_its_revision() {
        let mut store = Store::new(10);
        assert_eq!(store.put(key("x"), json!({}))["metadata"]["resourceVersion"], "11");
        assert_eq!(store.put(key("x"), json!({}))["metadata"]["resourceVersion"], "12");
        assert!(store.remove(key("x")));
        assert_eq!(store.revision(), 13);
        assert!(!store.remove(key("x")));
        assert_eq!(store.revision(), 13, "nothing was removed");
    }

    #[test]
    fn an_object_keeps_its_identity_until_it_is_removed() {
        let mut store = Store::new(0);
        let first = store.put(key("x"), json!({}));
        let changed = store.put(key("x"), json!({ "metadata": { "uid": "mine" } }));
        assert_eq!(first["metadata"]["uid"], changed["metadata"]["uid"]);
        store.remove(key("x"));
        let second = store.put(key("x"), json!({}));
        assert_ne!(first["metadata"]["uid"], second["metadata"]["uid"]);
    }

    #[test]
    fn changes_are_those_after_a_revision() {
        let mut store = Store::new(0);
        store.put(key("x"), json!({}));
        store.put(key("y"), json!({}));
        let names = |revision| {
            let changes = store.changes_since(revision).unwrap();
            changes.iter().map(|change| change.key.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(names(0), ["x", "y"]);
        assert_eq!(names(1), ["y"]);
        assert!(names(2).is_empty());
        assert!(names(100).is_empty(), "the future has not happened");
    }

    #[test]
    fn a_snapshot_undoes_what_came_later() {
        let mut store = Store::new(0);
        store.put(key("kept"), json!({ "spec": 1 }));
        store.put(key("removed"), json!({}));
        let then = store.revision();
        let expected = store.snapshot(then).unwrap();
        store.put(key("kept"), json!({ "spec": 2 }));
        store.remove(key("removed"));
        store.put(key("new"), json!({}));
        assert_eq!(store.snapshot(then).unwrap(), expected);
        assert_ne!(store.snapshot(store.revision()).unwrap(), expected);
    }

    #[test]
    fn history_ends_at_the_expiry() {
        let mut store = Store::new(0);
        store.put(key("x"), json!({}));
        let then = store.revision();
        store.expire();
        assert_eq!(store.changes_since(then).unwrap_err().code, 410);
        assert_eq!(store.snapshot(then).unwrap_err().code, 410);
        assert_eq!(store.snapshot(store.revision()).unwrap().len(), 1);
    }
}
