//! Which kubeconfigs have a context of ours, and how they were before.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::lines::Empties;
use crate::context::Context;
use crate::failure::Failure;
use crate::not_found::is_not_found;
use crate::replace::replace_private;
use crate::state::StateDir;

const FILE: &str = "kubeconfigs.json";

/// The files, by their paths. Holds no secret: of a file, the lines of empty lists at most.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Record(pub BTreeMap<PathBuf, Before>);

/// How a file was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// It was not there.
    pub absent: bool,
    /// Its lists that had no items.
    pub empties: Empties,
}

impl Record {
    /// What was kept; nothing if nothing was.
    pub fn read(cx: &Context) -> anyhow::Result<Self> {
        let path = path(cx);
        let unreadable = || {
            Failure::failed(format!("cannot read which kubeconfigs have our context: `{}`", path.display()))
                .help("remove the file; then look for the context with `kubectl config get-contexts`")
        };
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).with_context(unreadable),
            Err(error) if is_not_found(&error) => Ok(Self::default()),
            Err(error) => Err(error).with_context(unreadable),
        }
    }

    /// What is known of a file.
    pub fn before(&self, file: &Path) -> Before {
        self.0.get(file).cloned().unwrap_or_default()
    }

    /// Keeps it, or removes it if it is empty.
    pub fn keep(&self, cx: &Context) -> anyhow::Result<()> {
        let path = path(cx);
        if self.0.is_empty() {
            return match fs::remove_file(&path) {
                Err(error) if !is_not_found(&error) => {
                    Err(error).with_context(|| format!("cannot remove `{}`", path.display()))
                }
                _ => Ok(()),
            };
        }
        StateDir::of(cx).create()?;
        let text =
            serde_json::to_vec_pretty(self).context("cannot write which kubeconfigs have our context")?;
        replace_private(&path, &text)
    }
}

fn path(cx: &Context) -> PathBuf {
    StateDir::of(cx).file(FILE)
}
