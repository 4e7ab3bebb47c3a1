//! What lies beside a tarball: its manifest, and its digest.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tempfile::NamedTempFile;

use super::build::Outcome;
use super::manifest::Manifest;
use crate::failure::Failure;
use crate::registry::Digest;
use crate::replace::replace_public;

/// Mode of a tarball: everybody may read it.
const PUBLIC_FILE: u32 = 0o644;

/// Gives the finished tarball its name, and puts its manifest and its digest
/// beside it. What is there already to the byte stays.
pub fn publish(written: NamedTempFile, path: &Path, manifest: &Manifest) -> anyhow::Result<Outcome> {
    let outcome = match Digest::of_file(path) {
        Ok(digest) if digest.hex() == manifest.sha256 => Outcome::Already,
        Ok(_) => Outcome::Replaced,
        Err(_) => Outcome::Built,
    };
    if outcome != Outcome::Already {
        let cannot = || Failure::failed(format!("cannot write `{}`", path.display()));
        let file = written.as_file();
        file.set_permissions(Permissions::from_mode(PUBLIC_FILE)).with_context(cannot)?;
        file.sync_all().with_context(cannot)?;
        written.persist(path).with_context(cannot)?;
    }
    let line = format!("{}  {}\n", manifest.sha256, manifest.name);
    let text = serde_json::to_string_pretty(manifest).context("cannot write the manifest")? + "\n";
    for (suffix, text) in [(".sha256", line), (".manifest.json", text)] {
        let path = beside(path, suffix);
        if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            replace_public(&path, text.as_bytes())?;
        }
    }
    Ok(outcome)
}

/// The file beside the tarball `path` whose name goes on with `suffix`.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
