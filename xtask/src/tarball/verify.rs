//! Whether a tarball is a release that can be seeded.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use git_seed::{Release, Rules};
use serde::Serialize;

use super::layout::{self, COMMIT_ID, TOP, VERSION};
use super::manifest::{Line, Manifest};
use super::name::{ReleaseName, is_version};
use super::names::some;
use crate::context::Context;
use crate::failure::Failure;
use crate::near::quoted;
use crate::printable::printable;
use crate::release::scan_file;

/// What a tarball is compared with.
#[derive(Debug)]
pub enum Expected {
    /// Nothing is known of it.
    Anything,
    /// Its SHA-256, in hexadecimal.
    Digest(String),
    /// The manifest that was made with it.
    Manifest(PathBuf),
}

/// A tarball that is well.
#[derive(Debug, Serialize)]
pub struct Verified {
    /// Where it is.
    pub file: PathBuf,
    /// SHA-256, in hexadecimal.
    pub sha256: String,
    /// Bytes of the tarball.
    pub size: u64,
    /// What its file `VERSION` says.
    pub version: String,
    /// What its file `COMMIT_ID` says.
    pub commit: String,
    /// How many files are in it.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// The tree that a commit of its files has.
    pub tree: String,
    /// What that commit is dated, in seconds since 1970.
    pub date: i64,
    /// What may surprise.
    pub warnings: Vec<String>,
}

/// Reads the tarball `file` to its end and refuses it if seeding would, if a
/// release has more than this, or if it is not the one that is `expected`.
pub fn verify(cx: &Context, file: &Path, rules: &Rules, expected: &Expected) -> anyhow::Result<Verified> {
    let release = scan_file(cx, file, rules)?;
    let size = file.metadata().with_context(|| format!("cannot look at `{}`", file.display()))?.len();
    match expected {
        Expected::Anything => {}
        Expected::Digest(digest) => compare_digest(file, &release, digest)?,
        Expected::Manifest(path) => compare(file, &release, &read_manifest(path)?)?,
    }
    let (version, commit) = what_it_says(file, &release)?;
    let mut warnings = check_name(file, &version)?;
    warnings.extend(release.warnings);
    Ok(Verified {
        file: file.to_owned(),
        sha256: release.digest,
        size,
        version,
        commit,
        files: release.files.len(),
        bytes: release.bytes,
        tree: release.tree.to_string(),
        date: release.date,
        warnings,
    })
}

/// Its version and its commit, if it has what a release must have.
fn what_it_says(file: &Path, release: &Release) -> anyhow::Result<(String, String)> {
    let says = |name: &str, said: &Option<String>| {
        said.clone()
            .filter(|said| !said.is_empty())
            .with_context(|| no_release(file, &format!("it has no file `{name}` with a line in it")))
    };
    let (version, commit) = (says(VERSION, &release.version)?, says(COMMIT_ID, &release.commit_id)?);
    if !is_version(&version) {
        return Err(no_release(file, &format!("`{}` is not a version", printable(&version))).into());
    }
    let missing = layout::missing(release.files.iter().map(|file| file.path.as_str()));
    if !missing.is_empty() {
        return Err(no_release(file, &format!("it has no files in {}", quoted(missing))).into());
    }
    Ok((version, commit))
}

/// What is to be said of its name, which must not contradict its content.
fn check_name(file: &Path, version: &str) -> anyhow::Result<Vec<String>> {
    match ReleaseName::of(file) {
        Some(name) if name.version != version => {
            let message = format!("`{}` holds version `{version}`", file.display());
            Err(Failure::failed(message).help("give it the name of its version, or get the right one").into())
        }
        Some(_) => Ok(Vec::new()),
        None => Ok(vec![format!("its name is not one of a release: `{{variant}}_{TOP}_{version}.tgz`")]),
    }
}

fn no_release(file: &Path, why: &str) -> Failure {
    Failure::failed(format!("`{}` is not a release: {why}", file.display()))
        .help("get one with `cargo xtask tarball pull`, or make one with `cargo xtask tarball build`")
}

fn compare_digest(file: &Path, release: &Release, expected: &str) -> anyhow::Result<()> {
    if release.digest == expected {
        return Ok(());
    }
    let message = format!("`{}` has the SHA-256 {}, not {expected}", file.display(), release.digest);
    Err(Failure::failed(message).help("get it again: it was changed, or it is another one").into())
}

/// Names what differs, where the digests do.
fn compare(file: &Path, release: &Release, manifest: &Manifest) -> anyhow::Result<()> {
    let found: Vec<Line> = release.files.iter().map(Line::of).collect();
    let differs = |one: &[Line], other: &[Line]| -> Vec<String> {
        let known: BTreeSet<&Line> = other.iter().collect();
        one.iter().filter(|line| !known.contains(line)).map(|line| line.path.clone()).collect()
    };
    let mut names = differs(&found, &manifest.files);
    names.extend(differs(&manifest.files, &found));
    names.sort();
    names.dedup();
    if names.is_empty() {
        return compare_digest(file, release, &manifest.sha256);
    }
    let message = format!("`{}` differs from its manifest in {}", file.display(), some(&names));
    Err(Failure::failed(message).help("get it again: it was changed, or it is another one").into())
}

fn read_manifest(path: &Path) -> anyhow::Result<Manifest> {
    let cannot = || Failure::failed(format!("cannot read the manifest `{}`", path.display()));
    let text = std::fs::read_to_string(path).with_context(cannot)?;
    serde_json::from_str(&text).with_context(cannot)
}
