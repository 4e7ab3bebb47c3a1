//! What differs between two configurations of kind, in the words of the profile.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use serde_json::{Map, Value};

/// A value that is another, on one side or on both.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Difference {
    /// The profile's key, such as `kind.workers`; where it has none, a path in the YAML.
    pub key: String,
    /// Of the cluster that was made.
    pub made: Option<String>,
    /// Of the profile as it is.
    pub wanted: Option<String>,
}

/// What `wanted` says otherwise than `made`; comments do not count.
pub fn difference(made: &str, wanted: &str) -> anyhow::Result<Vec<Difference>> {
    let (made, wanted) = (settings(made)?, settings(wanted)?);
    let paths: BTreeSet<&String> = made.keys().chain(wanted.keys()).collect();
    let differing = paths.into_iter().filter(|path| made.get(*path) != wanted.get(*path));
    let difference = |path: &String| Difference {
        key: path.clone(),
        made: made.get(path).cloned(),
        wanted: wanted.get(path).cloned(),
    };
    Ok(differing.map(difference).collect::<BTreeSet<_>>().into_iter().collect())
}

/// A configuration, with its patches read, too.
pub(super) fn read(yaml: &str) -> anyhow::Result<Value> {
    let mut config: Value = serde_yaml_ng::from_str(yaml).context("cannot read a configuration of kind")?;
    if let Some(patches) = config.get_mut("kubeadmConfigPatches").and_then(Value::as_array_mut) {
        for patch in patches {
            let text = patch.as_str().context("cannot read a patch of kubeadm")?;
            *patch = serde_yaml_ng::from_str(text).context("cannot read a patch of kubeadm")?;
        }
    }
    Ok(config)
}

fn settings(yaml: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let mut settings = BTreeMap::new();
    flatten("", &read(yaml)?, &mut settings);
    Ok(settings)
}

fn flatten(path: &str, value: &Value, settings: &mut BTreeMap<String, String>) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Object(map) => {
            let map: &Map<String, Value> = map;
            map.iter().for_each(|(key, value)| flatten(&below(key), value, settings));
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(at, value)| flatten(&below(&at.to_string()), value, settings));
        }
        Value::String(text) => drop(settings.insert(path.to_owned(), text.clone())),
        other => drop(settings.insert(path.to_owned(), other.to_string())),
    }
}
