//! What a context is made of: a cluster, a user and the context itself, all of one name.

use serde_yaml_ng::{Mapping, Value};

/// The lists of a kubeconfig, and what their entries hold beside a name.
pub const LISTS: [(&str, &str); 3] = [("clusters", "cluster"), ("users", "user"), ("contexts", "context")];

/// The entries of one context.
#[derive(Clone, Debug)]
pub struct Entries {
    /// Of all three.
    pub name: String,
    /// As [`LISTS`] has them.
    entries: [Value; 3],
}

impl Entries {
    /// The entries `name` of a kubeconfig; `None` if one is missing.
    pub fn read(text: &str, name: &str) -> Option<Self> {
        let config: Value = serde_yaml_ng::from_str(text).ok()?;
        let [clusters, users, contexts] = LISTS.map(|(list, _)| {
            config.get(list)?.as_sequence()?.iter().find(|entry| is_named(entry, name)).cloned()
        });
        Some(Self { name: name.to_owned(), entries: [clusters?, users?, contexts?] })
    }

    /// The entry for a list, in the place of `there`. What the user has added
    /// to the context, such as a namespace, stays.
    pub fn entry(&self, list: &str, there: Option<&Value>) -> Option<Value> {
        let at = LISTS.iter().position(|(name, _)| *name == list)?;
        let entry = &self.entries[at];
        let (_, key) = LISTS[at];
        if key == "context"
            && let (Some(mut kept), Some(own)) = (there.cloned(), entry[key].as_mapping())
            && let Some(context) = kept.get_mut(key).and_then(Value::as_mapping_mut)
        {
            context.extend(own.clone());
            return Some(kept);
        }
        Some(entry.clone())
    }

    /// A kubeconfig of these entries alone.
    pub fn alone(&self) -> Value {
        let mut config = Mapping::new();
        config.insert("apiVersion".into(), "v1".into());
        config.insert("kind".into(), "Config".into());
        for ((list, _), entry) in LISTS.into_iter().zip(&self.entries) {
            config.insert(list.into(), vec![entry.clone()].into());
        }
        config.insert("current-context".into(), self.name.as_str().into());
        config.into()
    }
}

/// Whether an entry of a list has this name.
pub fn is_named(entry: &Value, name: &str) -> bool {
    entry.get("name").and_then(Value::as_str) == Some(name)
}
