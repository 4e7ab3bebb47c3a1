//! Secrets, whose contents are erased when they are dropped.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use zeroize::{Zeroize as _, Zeroizing};

use crate::place::Place;
use crate::{Action, Applied, Cluster, Error, ObjectName, Resource};

/// A Secret. Its contents are erased when it is dropped, and not shown; what
/// the connection to the cluster had of them is beyond our reach.
pub struct Secret {
    /// What the object says of itself: its name, labels and the like. Without
    /// annotations, of which one may repeat the contents.
    pub metadata: Value,
    /// Its type: `Opaque` and the like.
    pub kind: String,
    /// What it holds.
    pub data: BTreeMap<String, Zeroizing<Vec<u8>>>,
}

impl Cluster {
    /// The Secret; `None` where there is none, also for want of its namespace.
    /// Asks once and fails when there is no answer within ten seconds.
    pub async fn secret(&self, name: &ObjectName) -> Result<Option<Secret>, Error> {
        let kind = Resource::SECRET;
        let place = Place::of(&kind, Some(&name.namespace), &name.name)?;
        let Some(mut object) = self.read(&place, Action::Read).await? else { return Ok(None) };
        let secret = Secret::take(&mut object).map_err(|reason| place.invalid(reason));
        erase(&mut object);
        secret.map(Some)
    }

    /// The Secrets of a namespace of which `labels` is true: a selector such
    /// as `app=web`. Asks once and fails when there is no answer within ten
    /// seconds.
    pub async fn secrets(&self, namespace: &str, labels: &str) -> Result<Vec<Secret>, Error> {
        let kind = Resource::SECRET;
        let place = Place::all(&kind, Some(namespace))?;
        let mut objects = self.objects(&kind, Some(namespace), Some(labels)).await?;
        let secrets = objects.iter_mut().map(|object| {
            let secret = Secret::take(object).map_err(|reason| place.invalid(reason));
            erase(object);
            secret
        });
        secrets.collect()
    }

    /// Makes the Secret, of type `Opaque`, hold what is in `data` and have the
    /// `labels`, as [`Cluster::apply`] does: what another manager has set is
    /// left, and what this one has set before and is not in `data` goes.
    pub async fn apply_secret(
        &self,
        manager: &str,
        name: &ObjectName,
        labels: &BTreeMap<String, String>,
        data: &BTreeMap<&str, &[u8]>,
    ) -> Result<Applied, Error> {
        let data: BTreeMap<&str, String> = data.iter().map(|(key, it)| (*key, STANDARD.encode(it))).collect();
        let mut object = json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": { "namespace": name.namespace, "name": name.name, "labels": labels },
            "type": "Opaque",
            "data": data,
        });
        for mut text in data.into_values() {
            text.zeroize();
        }
        let applied = self.apply(manager, &object).await;
        erase(&mut object);
        applied
    }
}

impl Secret {
    fn take(object: &mut Value) -> Result<Self, &'static str> {
        let mut data = BTreeMap::new();
        for (key, value) in object["data"].as_object().into_iter().flatten() {
            let text = value.as_str().ok_or("what it holds is no text")?;
            let decoded = STANDARD.decode(text).map_err(|_| "what it holds is not in base64")?;
            data.insert(key.clone(), Zeroizing::new(decoded));
        }
        let mut metadata = object["metadata"].take();
        if let Value::Object(fields) = &mut metadata
            && let Some(mut annotations) = fields.remove("annotations")
        {
            erase(&mut annotations);
        }
        Ok(Self { metadata, kind: object["type"].as_str().unwrap_or_default().to_owned(), data })
    }

    /// The managers that have set a key, by their own word or by applying it.
    pub fn managers(&self, key: &str) -> Vec<&str> {
        let field = format!("f:{key}");
        let entries = self.metadata["managedFields"].as_array().into_iter().flatten();
        let set = entries.filter(|entry| !entry["fieldsV1"]["f:data"][&field].is_null());
        set.filter_map(|entry| entry["manager"].as_str()).collect()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret")
            .field("metadata", &self.metadata)
            .field("keys", &self.data.keys())
            .finish_non_exhaustive()
    }
}

/// Overwrites every text in it.
pub(crate) fn erase(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(erase),
        Value::Object(fields) => fields.values_mut().for_each(erase),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contents_are_read_and_not_shown() {
        let mut object = json!({
            "metadata": { "name": "a", "annotations": { "last-applied": "aHVzaA==" }, "managedFields": [
                { "manager": "xtask", "fieldsV1": { "f:data": { "f:password": {} } } },
                { "manager": "other", "fieldsV1": { "f:data": { "f:username": {} } } },
            ] },
            "type": "Opaque",
            "data": { "password": "aHVzaA==" },
        });
        let secret = Secret::take(&mut object).unwrap();
        assert_eq!(*secret.data["password"], b"hush");
        assert_eq!(secret.managers("password"), ["xtask"]);
        let shown = format!("{secret:?}");
        assert!(shown.contains("password") && !shown.contains("hush") && !shown.contains("aHVz"), "{shown}");
        assert!(!shown.contains("104"), "nor byte by byte: {shown}");
        for wrong in [json!({ "a": 1 }), json!({ "a": "%" })] {
            assert!(Secret::take(&mut json!({ "data": wrong })).is_err());
        }
    }

    #[test]
    fn every_text_is_erased() {
        let mut value = json!({ "a": ["x", { "b": "y" }], "c": 1 });
        erase(&mut value);
        assert_eq!(value, json!({ "a": ["", { "b": "" }], "c": 1 }));
    }
}
