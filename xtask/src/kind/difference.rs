//! What differs between two configurations of kind, in the words of the profile.

mod words;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use serde::Serialize;
use serde_json::Value;

/// Longest value that is shown, in characters.
const SHOWN: usize = 100;

/// Paths of the YAML, and what stands there.
type Settings = BTreeMap<String, String>;

/// A value that is another, on one side or on both.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Difference {
    /// The profile's key, such as `kind.workers`; where it has none, a path in the YAML.
    pub key: String,
    /// Of the cluster that was made.
    pub made: Option<String>,
    /// Of the profile as it is.
    pub wanted: Option<String>,
}

/// What `wanted` says otherwise than `made`, by its keys; comments do not
/// count. None exactly if nothing does: the digest of a [`super::Config`] may
/// still differ, by the audit policy.
pub fn difference(made: &str, wanted: &str) -> anyhow::Result<Vec<Difference>> {
    let (made, wanted) = (read(made)?, read(wanted)?);
    if made == wanted {
        return Ok(Vec::new());
    }
    let (made, wanted) = (settings(&made), settings(&wanted));
    let paths: BTreeSet<&String> = made.keys().chain(wanted.keys()).collect();
    let difference = |path: &String| {
        let (made, wanted) = (made.get(path), wanted.get(path));
        // That a worker is there at all has a key of its own.
        let is_new = made.is_none() || wanted.is_none();
        let told = made != wanted && !(is_new && path.starts_with(WORKER));
        told.then(|| words::difference(path, made, wanted))
    };
    // The nodes, and versions of kubeadm, say many things twice.
    let found: BTreeSet<Difference> = paths.into_iter().filter_map(difference).map(shown).collect();
    if found.is_empty() {
        let order = Difference { key: "the order of its parts".to_owned(), made: None, wanted: None };
        return Ok(vec![order]);
    }
    Ok(found.into_iter().collect())
}

/// Of the first worker; the others are as it is.
const WORKER: &str = "nodes.worker.";

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

fn settings(config: &Value) -> Settings {
    let mut settings = Settings::new();
    let mut rest = config.clone();
    let nodes = rest.get_mut("nodes").map(Value::take);
    let nodes: Vec<Value> = nodes.and_then(|nodes| nodes.as_array().cloned()).unwrap_or_default();
    settings.insert("workers".to_owned(), nodes.len().saturating_sub(1).to_string());
    for (role, node) in ["control-plane", "worker"].into_iter().zip(&nodes) {
        flatten(&format!("nodes.{role}"), node, &mut settings);
    }
    if let Some(Value::Object(networking)) = rest.get_mut("networking") {
        let (address, port) = (networking.remove("apiServerAddress"), networking.remove("apiServerPort"));
        let text = |value: Option<Value>| value.as_ref().map(scalar).unwrap_or_default();
        let (address, port) = (text(address), text(port));
        let address = if address.contains(':') { format!("[{address}]") } else { address };
        settings.insert("networking.apiServer".to_owned(), format!("{address}:{port}"));
    }
    flatten("", &rest, &mut settings);
    // A patch's path says what it is for.
    let is_name =
        |path: &str| path.rsplit('.').next().is_some_and(|key| ["kind", "apiVersion"].contains(&key));
    settings.retain(|path, _| !(path.starts_with("kubeadmConfigPatches.") && is_name(path)));
    settings
}

fn flatten(path: &str, value: &Value, settings: &mut Settings) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Object(map) if map.contains_key("hostPath") && map.contains_key("containerPath") => {
            let mode = if map.get("readOnly") == Some(&Value::Bool(true)) { "" } else { ", writable" };
            let (host, container) = (scalar(&map["hostPath"]), scalar(&map["containerPath"]));
            settings.insert(path.to_owned(), format!("{host} at {container}{mode}"));
        }
        Value::Object(map) => map.iter().for_each(|(key, value)| flatten(&below(key), value, settings)),
        Value::Array(list) => {
            for (at, value) in list.iter().enumerate() {
                let name = name(value).unwrap_or_else(|| at.to_string());
                flatten(&below(&name), value, settings);
            }
        }
        Value::Null => {}
        scalar_value => drop(settings.insert(path.to_owned(), scalar(scalar_value))),
    }
}

/// What tells an item of a list from the others.
fn name(item: &Value) -> Option<String> {
    let text = |key: &str| item.get(key).and_then(Value::as_str);
    let patch = text("kind").map(|kind| match text("apiVersion") {
        Some(version) => format!("{kind}({version})"),
        None => kind.to_owned(),
    });
    patch.or_else(|| text("containerPath").or_else(|| text("name")).map(str::to_owned))
}

fn scalar(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn shown(mut difference: Difference) -> Difference {
    for value in [&mut difference.made, &mut difference.wanted].into_iter().flatten() {
        if let Some((at, _)) = value.char_indices().nth(SHOWN) {
            value.truncate(at);
            value.push('…');
        }
    }
    difference
}

#[cfg(test)]
mod tests;
