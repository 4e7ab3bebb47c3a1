//! Whether a tarball is a release that can be seeded.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use git_seed::{Origin, Release};
use serde::Serialize;

use super::layout::{self, COMMIT_ID, TOP, VERSION};
use super::manifest::{Line, Manifest};
use super::name::{ReleaseName, is_version};
use super::names::some;
use crate::context::Context;
use crate::failure::Failure;
use crate::near::quoted;
use crate::printable::printable;
use crate::registry::Digest;
use crate::release::{Rules, Watched, is_stdin, scan};

/// What a tarball is compared with.
#[derive(Debug)]
pub enum Expected {
    /// Nothing is known of it.
    Anything,
    /// Its SHA-256.
    Digest(Digest),
    /// The manifest that was made with it.
    Manifest(PathBuf),
}

/// A tarball that is well.
#[derive(Debug, Serialize)]
pub struct Verified {
    /// Where it is; `-` is standard input.
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

/// Reads the tarball `file`, which is open, to its end and refuses it if seeding
/// would, if a release has more than this, or if it is not the one that is `expected`.
pub fn verify(
    cx: &Context,
    (file, origin): (&Path, &Origin),
    rules: &Rules,
    expected: &Expected,
) -> anyhow::Result<Verified> {
    let release = scan(cx, origin, rules, &Watched::new(cx))?;
    let name = origin.name();
    match expected {
        Expected::Anything => {}
        Expected::Digest(digest) => compare_digest(&name, &release, digest.hex())?,
        Expected::Manifest(path) => compare(&name, &release, &read_manifest(path)?)?,
    }
    let (version, commit) = what_it_says(&name, &release)?;
    let mut warnings = check_name(file, &version)?;
    let size = match origin {
        Origin::Archive(source) => source.size(),
        Origin::Folder(_) => None,
    };
    warnings.extend(release.warnings);
    Ok(Verified {
        file: file.to_owned(),
        sha256: release.digest,
        size: size.context("a tarball that is open has a size")?,
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
fn what_it_says(tarball: &str, release: &Release) -> anyhow::Result<(String, String)> {
    let says = |name: &str, said: &Option<String>| {
        let is_there = || release.files.iter().any(|file| file.path == name);
        said.clone().with_context(|| {
            let why = if is_there() {
                format!("its file `{name}` does not begin with a short line of text")
            } else {
                format!("it has no file `{name}`")
            };
            no_release(tarball, &why)
        })
    };
    let (version, commit) = (says(VERSION, &release.version)?, says(COMMIT_ID, &release.commit_id)?);
    if !is_version(&version) {
        return Err(no_release(tarball, &format!("`{}` is not a version", printable(&version))).into());
    }
    let missing = layout::missing(release.files.iter().map(|file| file.path.as_str()));
    if !missing.is_empty() {
        return Err(no_release(tarball, &format!("it has no files in {}", quoted(missing))).into());
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
        None if is_stdin(file) => Ok(Vec::new()),
        None => Ok(vec![format!("its name is not one of a release: `{{variant}}_{TOP}_{version}.tgz`")]),
    }
}

fn no_release(tarball: &str, why: &str) -> Failure {
    Failure::failed(format!("`{tarball}` is not a release: {why}"))
        .help("get one with `cargo xtask tarball pull`, or make one with `cargo xtask tarball build`")
}

fn compare_digest(tarball: &str, release: &Release, expected: &str) -> anyhow::Result<()> {
    if release.digest == expected {
        return Ok(());
    }
    let message = format!("`{tarball}` has the SHA-256 {}, not {expected}", release.digest);
    Err(Failure::failed(message).help("get it again: it was changed, or it is another one").into())
}

/// Names what differs, where the digests do.
fn compare(tarball: &str, release: &Release, manifest: &Manifest) -> anyhow::Result<()> {
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
        return compare_digest(tarball, release, &manifest.sha256);
    }
    let message = format!("`{tarball}` differs from its manifest in {}", some(&names));
    Err(Failure::failed(message).help("get it again: it was changed, or it is another one").into())
}

fn read_manifest(path: &Path) -> anyhow::Result<Manifest> {
    let cannot = || {
        Failure::failed(format!("cannot read the manifest `{}`", path.display()))
            .help("name the file `….manifest.json` that was made with the tarball")
    };
    let text = std::fs::read_to_string(path).with_context(cannot)?;
    serde_json::from_str(&text).with_context(cannot)
}
