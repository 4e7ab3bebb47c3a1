//! One context of ours in the user's kubeconfig.

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use serde_yaml_ng::Value;

use super::Merged;
use crate::context::Context;
use crate::failure::Failure;
use crate::replace::replace;

const LISTS: [&str; 3] = ["clusters", "users", "contexts"];

/// Adds the cluster's context to the user's kubeconfig.
pub fn merge(cx: &Context) -> anyhow::Result<Merged> {
    let own: Value = serde_yaml_ng::from_str(&fs::read_to_string(super::path(cx))?)?;
    let context = own["current-context"].as_str().context("it has a current context")?.to_owned();
    let file = file(cx)?;
    let mut user: Value = serde_yaml_ng::from_str(&fs::read_to_string(&file)?)?;
    let before = user.clone();
    for list in LISTS {
        let entry = own[list][0].clone();
        let entries = user[list].as_sequence_mut().context("a list")?;
        entries.retain(|other| other["name"] != entry["name"]);
        entries.push(entry);
    }
    let changed = user != before;
    if changed {
        replace(&file, serde_yaml_ng::to_string(&user)?.as_bytes())?;
    }
    Ok(Merged { file, context, changed })
}

/// Takes the context out again; says whether it was there.
pub fn take_out(cx: &Context, context: &str) -> anyhow::Result<bool> {
    let file = file(cx)?;
    let mut user: Value = serde_yaml_ng::from_str(&fs::read_to_string(&file)?)?;
    let before = user.clone();
    for list in LISTS {
        let Some(entries) = user[list].as_sequence_mut() else { continue };
        entries.retain(|entry| entry["name"] != context);
    }
    if user != before {
        replace(&file, serde_yaml_ng::to_string(&user)?.as_bytes())?;
    }
    Ok(user != before)
}

fn file(cx: &Context) -> Result<PathBuf, Failure> {
    cx.environment.kubeconfig.first().cloned().ok_or_else(|| Failure::missing("there is no kubeconfig"))
}
