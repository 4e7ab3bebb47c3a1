//! The kubeconfig of a cluster of ours, by itself and in the user's own.

mod edit;
mod entries;
mod lines;
mod lock;
mod merge;
mod record;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::PathBuf;

use serde::Serialize;

use crate::context::Context;
use crate::replace::replace_private;
use crate::state::StateDir;

pub use merge::{merge, take_out};

/// What became of the user's kubeconfig.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Merged {
    /// The user's file.
    pub file: PathBuf,
    /// The context that it has now.
    pub context: String,
    /// Whether it had not, or another.
    pub changed: bool,
}

/// Keeps the cluster's own one for the calls after this one; says whether it has changed.
pub fn keep(cx: &Context, text: &str) -> anyhow::Result<bool> {
    let path = cx.own_kubeconfig();
    if fs::read(&path).is_ok_and(|there| there == text.as_bytes()) {
        return Ok(false);
    }
    StateDir::of(cx).create()?;
    replace_private(&path, text.as_bytes())?;
    Ok(true)
}
